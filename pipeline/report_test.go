package pipeline

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"openarena/pipeline/judge"
	"openarena/store"
)

// uttered is one verdict of a scene: A is the contestant that stands first in the file.
type uttered struct {
	judge  int
	first  int    // place of the contestant that was shown first
	label  string // A is the answer shown first; anything that is no verdict is the reason of an invalid one
	flags  string // separated by spaces
	repeat uint8
	scores bool
}

// scene is a prompt with an answer of every contestant, and verdicts on contestants 0 and 1.
type scene struct {
	texts    []string // by place
	said     []uttered
	votes    string // a, b or tie, one word per voter, from contestant 0's side
	distinct byte   // makes it another prompt
}

func (c scene) sheet(a *Arena) (*sheet, []vote) {
	s := newSheet(Hash{c.distinct})
	for i, text := range c.texts {
		s.give(Side{a.Contestants[i].ID, 0}, reply{Digest: textDigest(text), Text: text})
	}
	b := newBattle(Side{a.Contestants[0].ID, 0}, Side{a.Contestants[1].ID, 0})
	x, _ := s.answer(b.A)
	y, _ := s.answer(b.B)
	levels := map[string]int{"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2}
	for _, u := range c.said {
		w := asked{judge: &a.Judges[u.judge], repeat: u.repeat}
		if a.Contestants[u.first].ID != b.A.Contestant {
			w.order = 1
		}
		level, known := levels[u.label]
		v := verdict{Verdict: judge.Verdict{State: judge.Decided, Level: level, Flags: strings.Fields(u.flags)}, Attempts: 1}
		if level == 0 {
			v.State = judge.Tie
		}
		if !known {
			v.State, v.Reason = judge.Invalid, u.label
		}
		if u.scores {
			score := 5.0
			v.ScoreA, v.ScoreB = &score, &score
		}
		s.judge(w.key(&s.wanted, b, texts(x.Digest, y.Digest)), v)
	}
	var votes []vote
	zero, _ := s.answer(Side{a.Contestants[0].ID, 0})
	one, _ := s.answer(Side{a.Contestants[1].ID, 0})
	for i, word := range strings.Fields(c.votes) {
		votes = append(votes, newVote(s.Prompt, *zero, *one, winners[word], fmt.Sprint(i)))
	}
	return s, votes
}

// reportOf reports on scenes, as if they were all a database had.
func reportOf(t *testing.T, a *Arena, scenes []scene) *JudgeReport {
	t.Helper()
	r := newReporter(a.pairing())
	for i, c := range scenes {
		c.distinct = byte(i + 1)
		r.see(c.sheet(a))
	}
	rep, err := r.report(t.Context(), Empty{})
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// both is a verdict in both orders: which answer is shown first alternates, the first is contestant 0's.
func inBoth(judge int, zeroFirst, oneFirst string) []uttered {
	return []uttered{{judge: judge, first: 0, label: zeroFirst}, {judge: judge, first: 1, label: oneFirst}}
}

// is compares a rate with what was worked out by hand.
func (r Rate) is(count, n int64) bool {
	return r.Count == count && r.N == n && (r.Rate == nil) == (n == 0) && (n == 0 || *r.Rate == float64(count)/float64(n))
}

// reportModels are two contestants, the second one's family is the first judge's.
const reportModels = `models: [{name: Zero, model_id: phi-4}, {name: One, model_id: llama-3}]
judges: [{name: J, model_id: llama-70b}, {name: K, model_id: qwen, protocol: verdict5}]
datasets: [{path: prompts.jsonl}]
judging: {skip_own_model: false, repeat: 1}
`

// scenesByHand are six battles.
func scenesByHand() []scene {
	long, short := strings.Repeat("long ", 10), "short answer, of no more than thirty"
	texts := func(i int) []string { return []string{fmt.Sprint(long, i), fmt.Sprint(short, i)} }
	return []scene{
		// J is consistent for Zero, K agrees; people too.
		{texts: texts(1), said: append(inBoth(0, "A>B", "B>A"), inBoth(1, "A>>B", "B>>A")...), votes: "a a b"},
		// J takes whatever is first: apart by two levels, so that it is a tie; K is for One. People tie.
		{texts: texts(2), said: append(inBoth(0, "A>B", "A>B"), inBoth(1, "B>A", "A>B")...), votes: "tie"},
		// J ties consistently; K cannot be read once, so that its other order tells nothing of slots.
		{texts: texts(3), said: append(inBoth(0, "A=B", "A=B"), inBoth(1, judge.Truncated, "A>B")...)},
		// J reverses itself by four levels; K is not asked.
		{texts: texts(4), said: inBoth(0, "A>>B", "A>>B"), votes: "b"},
		// J is for One, its own family, once with a contradiction, and asked again it says so once more; K is for Zero.
		{texts: texts(5), said: append([]uttered{
			{judge: 0, first: 0, label: "B>A", scores: true, flags: judge.FlagContradiction}, {judge: 0, first: 1, label: "A>B", scores: true},
			{judge: 0, first: 0, label: "B>>A", repeat: 1}, {judge: 0, first: 1, label: "A=B", repeat: 1},
		}, inBoth(1, "A>B", "B>A")...)},
		// Equal answers tie without a call: nothing of the judges is in it.
		{texts: []string{"same", "same"}, said: []uttered{
			{judge: 0, first: 0, label: "A=B", flags: judge.FlagIdentical}, {judge: 0, first: 1, label: "A=B", flags: judge.FlagIdentical},
		}},
	}
}

// TestReportByHand reports on six battles, whose every figure was worked out on paper.
func TestReportByHand(t *testing.T) {
	rep := reportOf(t, parseArena(t, t.TempDir(), reportModels, Trial{}), scenesByHand())
	j, k := rep.Judges[0], rep.Judges[1]
	for _, test := range []struct {
		what     string
		got      Rate
		count, n int64
	}{
		{"J invalid", j.Invalid, 0, 10},
		{"K invalid", k.Invalid, 1, 8},
		{"J ties", j.Ties, 2, 10},
		{"K ties", k.Ties, 0, 7},
		{"J consistent: battles 1, 3, 5", j.Consistent, 3, 5},
		{"K consistent", k.Consistent, 3, 3},
		{"J first: 1 of 2, 2 of 2, none, 2 of 2, 1 of 2", j.FirstSlot, 6, 8},
		{"K first", k.FirstSlot, 3, 6},
		{"J again: One once more, then a tie", j.SelfConsistency, 1, 2},
		{"K again", k.SelfConsistency, 0, 0},
		{"J contradictions, of those with scores", j.Contradictions, 1, 2},
		{"K has no scores", k.Contradictions, 0, 0},
		{"J longer: 2 of battle 1, 1 of 2, 1 of 4, none of 5", j.LongerWins, 4, 8},
		{"K longer: 2, 0, 0 (of one), 2", k.LongerWins, 4, 7},
		{"J and people: a, tie, and not b", j.Votes.Agreement, 2, 3},
		{"J and people without ties", j.Votes.WithoutTies, 1, 1},
		{"K and people: a, and not the tie", k.Votes.Agreement, 1, 2},
		{"J on Zero", j.Contestants[0].FirstSlot, 6, 8},
		{"J and K: battle 1, not 2, 3, 5", rep.Pairs[0].Agreement, 1, 4},
	} {
		if !test.got.is(test.count, test.n) {
			t.Errorf("%s: %d of %d (%v); want %d of %d", test.what, test.got.Count, test.got.N, test.got.Rate, test.count, test.n)
		}
	}
	if want := [5]int64{3, 0, 1, 0, 1}; j.Flips != want {
		t.Errorf("J flips %v; want %v", j.Flips, want)
	}
	if k.Reasons[judge.Truncated] != 1 || j.Flags[judge.FlagContradiction] != 1 || j.Flags[judge.FlagIdentical] != 0 {
		t.Errorf("reasons %v, flags %v; want one truncated, one contradiction, nothing of equal answers", k.Reasons, j.Flags)
	}
	for _, test := range []struct {
		what string
		got  *float64
		want float64
	}{
		// For One: J says 0, 1/2, 1/2, 1 (battles 1, 2, 3, 5), K says 0, 1, 1, 0.
		{"J's own family", j.OwnFamily.Rate, 0.5},
		{"the others on it", j.OwnFamily.Others, 0.5},
		{"lift", j.OwnFamily.Lift, 0},
		// Level 1, 0, 0 against people's 2/3, 1/2, 0: p is 3/4, 1/2, 1/2.
		{"J's Brier score", j.Votes.Brier, (1.0/144 + 0 + 0.25) / 3},
		{"J's log loss", j.Votes.LogLoss, -(math.Log(0.75)*2/3 + math.Log(0.25)/3 + 2*math.Log(0.5)) / 3},
		// Of people and J: (a, a), (tie, tie), (b, tie): p_o = 2/3, p_e = (1·1 + 1·0 + 1·2)/9 = 1/3.
		{"J's kappa with people", j.Votes.Kappa, 0.5},
		// J: a, tie, tie, b; K: a, b, b, a (of contestant 0): p_o = 1/4, p_e = (1·2 + 1·2 + 2·0)/16 = 1/4.
		{"kappa of J and K", rep.Pairs[0].Kappa, 0},
	} {
		if test.got == nil || math.Abs(*test.got-test.want) > 1e-12 {
			t.Errorf("%s = %v; want %v", test.what, deref(test.got), test.want)
		}
	}
	if k.OwnFamily.N != 0 || k.OwnFamily.Lift != nil || rep.Panel.N != 4 {
		t.Errorf("K's own family %+v, alpha on %d battles; want none, and 4", k.OwnFamily, rep.Panel.N)
	}
}

func deref(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// TestReportOfOneOrder has no position to measure, and no slot that is fair, where the file's order is the order shown.
func TestReportOfOneOrder(t *testing.T) {
	for _, test := range []struct {
		orders string
		slots  int64 // decided verdicts that count for the first slot
	}{{"fixed", 0}, {"random", 1}} {
		a := parseArena(t, t.TempDir(), reportModels[:strings.Index(reportModels, "judging:")]+"judging: {orders: "+test.orders+"}\n", Trial{})
		// Whichever order is drawn for the one prompt: it is said in both, and only the one that is asked for counts.
		rep := reportOf(t, a, []scene{{texts: []string{"first text", "second text"}, said: inBoth(1, "A>B", "A>B")}})
		q := rep.Judges[1]
		if q.Verdicts != 1 || q.Consistent.N != 0 || q.Flips != ([5]int64{}) || q.FirstSlot.N != test.slots {
			t.Errorf("orders %s: %d verdicts, consistent of %d, flips %v, first slot of %d; want 1, 0, none, %d",
				test.orders, q.Verdicts, q.Consistent.N, q.Flips, q.FirstSlot.N, test.slots)
		}
	}
}

// TestReportOfNothing has no rate anywhere.
func TestReportOfNothing(t *testing.T) {
	a := parseArena(t, t.TempDir(), reportModels, Trial{})
	rep := reportOf(t, a, nil)
	text, err := json.Marshal(rep)
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{`"rate":0`, `"kappa":0`, `"lower":0`, "NaN"} {
		if strings.Contains(string(text), bad) {
			t.Errorf("a report on nothing holds %s:\n%s", bad, text)
		}
	}
	if len(rep.Findings) != 1 || rep.Findings[0] != "No judge has said anything yet." {
		t.Errorf("findings %q", rep.Findings)
	}
}

// fillPandaLM puts 999 verdicts of two judges into a database, and returns three people's votes on each of the battles.
func fillPandaLM(t *testing.T, a *Arena, db *store.DB) string {
	t.Helper()
	const n = 999
	f, err := os.Open("agreement/testdata/pandalm.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var votes strings.Builder
	var b store.Batch
	i := 0
	for lines := bufio.NewScanner(f); lines.Scan(); i++ {
		var of struct {
			Human   [3]int `json:"human"`
			GPT35   string `json:"gpt35"`
			PandaLM int    `json:"pandalm7b"`
		}
		if err := json.Unmarshal(lines.Bytes(), &of); err != nil {
			t.Fatal(err)
		}
		for k, h := range of.Human {
			fmt.Fprintf(&votes, "{\"prompt\": %q, \"model_a\": \"A\", \"model_b\": \"B\", \"winner\": %q, \"voter\": \"annotator %d\"}\n",
				question(i), [...]string{"tie", "a", "b"}[h], k+1)
		}
		c := scene{texts: []string{"A answers " + question(i), "B answers " + question(i)}, said: []uttered{
			{judge: 0, label: map[string]string{"1": "A>B", "2": "B>A", "Tie": "A=B", "garbage": judge.NoVerdict}[of.GPT35]},
			{judge: 1, label: [...]string{"A=B", "A>B", "B>A"}[of.PandaLM]},
		}}
		s, _ := c.sheet(a)
		h, _, err := promptHash(oneTurn(question(i)))
		if err != nil {
			t.Fatal(err)
		}
		for p, raw := range s.keys {
			key, err := parseVerdictKey(raw[:])
			if err != nil {
				t.Fatal(err)
			}
			key.Prompt = h
			b.Put(store.Verdicts, key.bytes(), s.verdicts[p].meta(), nil)
		}
	}
	if _, err := db.Apply(t.Context(), &b); err != nil || i != n {
		t.Fatalf("%d battles, %v", i, err)
	}
	return votes.String()
}

// TestReportOfPandaLM takes them all through a database, and reaches the figures that another program computed.
func TestReportOfPandaLM(t *testing.T) {
	a, db := judgedPair(t, 999)
	if got := importVotes(t, a, db, fillPandaLM(t, a, db)); got.New != 3*999 {
		t.Fatalf("imported %+v", got)
	}
	rep, err := a.Report(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	figure := func(x *float64, digits int) string {
		if x == nil {
			return "null"
		}
		return fmt.Sprintf("%.*f", digits, *x)
	}
	gpt, panda := rep.Judges[0].Votes, rep.Judges[1].Votes
	for _, test := range []struct{ what, got, want string }{
		{"alpha of the annotators", figure(rep.Votes.Alpha, 4), "0.8642"},
		{"gpt-3.5, of those read", fmt.Sprint(gpt.Agreement.N), "974"},
		{"gpt-3.5, agreement", figure(gpt.Agreement.Rate, 4), "0.7156"},
		{"gpt-3.5, kappa", figure(gpt.Kappa, 4), "0.4929"},
		{"gpt-3.5, invalid", figure(rep.Judges[0].Invalid.Rate, 4), "0.0250"},
		{"pandalm-7b, agreement", figure(panda.Agreement.Rate, 4), "0.6677"},
		{"pandalm-7b, kappa", figure(panda.Kappa, 4), "0.4354"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %s; want %s", test.what, test.got, test.want)
		}
	}
	want := map[[2]string]string{{"annotator 1", "annotator 2"}: "0.852", {"annotator 1", "annotator 3"}: "0.879", {"annotator 2", "annotator 3"}: "0.862"}
	for _, p := range rep.Votes.Pairs {
		if p.Voters[0] > p.Voters[1] {
			p.Voters[0], p.Voters[1] = p.Voters[1], p.Voters[0]
		}
		if got := figure(p.Kappa, 3); got != want[p.Voters] {
			t.Errorf("kappa of %v: %s; want %s", p.Voters, got, want[p.Voters])
		}
		delete(want, p.Voters)
	}
	if len(want) > 0 {
		t.Errorf("no kappa of %v", want)
	}
}

// TestReportWithoutAJudge: K alone carries Zero past One, and J alone says the opposite.
func TestReportWithoutAJudge(t *testing.T) {
	for _, test := range []struct {
		name, yaml string
		scenes     [][]uttered
		places     [2]int // of Zero: all judges, without K
		battles    int64  // without K
		swapped    int
		finding    string
	}{
		{"both say the same", reportModels, [][]uttered{
			append(inBoth(0, "A>B", "B>A"), inBoth(1, "A>B", "B>A")...),
			append(inBoth(0, "A=B", "A=B"), inBoth(1, "A=B", "A=B")...),
		}, [2]int{1, 1}, 2, 0, ""},
		{"the louder one decides", reportModels, [][]uttered{
			append(inBoth(0, "B>A", "A>B"), inBoth(1, "A>>B", "B>>A")...),
			append(inBoth(0, "A=B", "A=B"), inBoth(1, "A=B", "A=B")...),
		}, [2]int{1, 2}, 2, 1, "Without K One is before Zero: neighbours that the verdicts do not tell apart."},
		{"the louder one decides many times", reportModels, slices.Repeat([][]uttered{
			append(inBoth(0, "B>A", "A>B"), inBoth(1, "A>>B", "B>>A")...),
			append(inBoth(0, "B>A", "A>B"), inBoth(1, "A>>B", "B>>A")...),
			append(inBoth(0, "A=B", "A=B"), inBoth(1, "B>A", "A>B")...),
		}, 60), [2]int{1, 2}, 180, 1, "The leaderboard hangs on K: without it One is before Zero."},
		{"nobody else has judged", reportModels, [][]uttered{inBoth(1, "A>B", "B>A")}, [2]int{1, 0}, 0, 0,
			"Without K there is no battle left: the leaderboard hangs on it alone."},
		{"two must agree, or the one that is left", strings.Replace(reportModels, "repeat: 1", "panel: {mode: majority, min_valid: 2}", 1), [][]uttered{
			append(inBoth(0, "A>B", "B>A"), inBoth(1, "A>B", "B>A")...),
			inBoth(0, "A>B", "B>A"),
		}, [2]int{1, 1}, 2, 0, ""},
	} {
		a := parseArena(t, t.TempDir(), test.yaml, Trial{})
		var scenes []scene
		for i, said := range test.scenes {
			scenes = append(scenes, scene{texts: []string{fmt.Sprint("zero ", i), fmt.Sprint("one ", i)}, said: said})
		}
		rep := reportOf(t, a, scenes)
		without := rep.Without[1]
		got := [2]int{rep.Full[0].Place, without.Ratings[0].Place}
		if without.Judge != "K" || got != test.places || without.Battles != test.battles || len(without.Swapped) != test.swapped {
			t.Errorf("%s: places %v, %d battles without %s, swapped %v; want %v, %d, %d",
				test.name, got, without.Battles, without.Judge, without.Swapped, test.places, test.battles, test.swapped)
		}
		if said := strings.Join(rep.Findings, "\n"); test.finding != "" && !strings.Contains(said, test.finding) || test.finding == "" && strings.Contains(said, "before") {
			t.Errorf("%s: findings %s; want %q", test.name, said, test.finding)
		}
	}
}

// TestReportAlone says that one judge cannot be compared.
func TestReportAlone(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.Replace(reportModels, ", {name: K, model_id: qwen, protocol: verdict5}", "", 1), Trial{})
	rep := reportOf(t, a, []scene{{texts: []string{"zero", "one"}, said: inBoth(0, "A>B", "B>A")}})
	if len(rep.Without) != 0 || len(rep.Full) != 0 || len(rep.Pairs) != 0 || !strings.Contains(strings.Join(rep.Findings, " "), "There is one judge") {
		t.Errorf("one judge: %d boards without, pairs %v, findings %q", len(rep.Without), rep.Pairs, rep.Findings)
	}
}

// TestFindings has one judge out of line in every way, and one in none.
func TestFindings(t *testing.T) {
	yaml := strings.Replace(reportModels, "qwen", "mystery", 1)
	a := parseArena(t, t.TempDir(), yaml, Trial{})
	var scenes []scene
	for i := range 60 {
		c := scene{texts: []string{"42", fmt.Sprintf("This is the longer answer number %d.", i)}, votes: "a a"}
		// J: the longer one is One, of its family, whatever people and K say, whichever is first; every third cannot be read.
		switch {
		case i%3 == 0:
			c.said = inBoth(0, judge.Empty, judge.NoVerdict)
		case i%3 == 1:
			c.said = []uttered{
				{judge: 0, first: 0, label: "B>>A", scores: true, flags: judge.FlagContradiction + " " + judge.FlagSuspiciousVerdict},
				{judge: 0, first: 1, label: "B>>A", scores: true}, {judge: 0, first: 0, label: "A>B", repeat: 1},
			}
		default:
			c.said = append(inBoth(0, "B>A", "A>B"), uttered{judge: 0, first: 1, label: "A=B", repeat: 1})
		}
		c.said = append(c.said, inBoth(1, "A>B", "B>A")...)
		scenes = append(scenes, c)
	}
	rep := reportOf(t, a, scenes)
	said := strings.Join(rep.Findings, "\n")
	for _, want := range []string{
		"J: 0.33 [0.26, 0.42] of 120 verdicts cannot be read (empty 20, no_verdict 20).",
		"J prefers the second answer: 0.25 [0.17, 0.35] of 80 decided verdicts are for the first, 0.50 is fair.",
		"J often changes its mind when the answers change places: consistent in 0.50 [0.35, 0.65] of 40 battles.",
		"J reverses itself: in 0.50 [0.35, 0.65] of 40 battles the orders are three levels or more apart.",
		"J, asked the same again, says the same in only 0.00 [0.00, 0.09] of 40 judgments.",
		"J contradicts its own scores in 0.50 [0.35, 0.65] of 40 verdicts.",
		"J prefers the longer answer: 0.75 [0.65, 0.83] of 80 decided verdicts.",
		"J prefers its own family (llama): 0.75 of 40 battles, other judges 0.00; a lift of 0.75",
		"J agrees little with people: kappa 0.00, the same verdict in 0.00 [0.00, 0.09] of 40 battles.",
		"J is surer than it may be: its Brier score against people is 0.41",
		"J was shown answers that may be meant for it (suspicious_verdict 20, of 120 verdicts)",
		"J and K hardly agree beyond chance: kappa 0.00 on 40 battles.",
		"Zero gives the same answer to 60 or more of 60 prompts: it may not look at them.",
		"Zero wins with answers of under 20 characters: 0.67 [0.54, 0.77] of 60 battles against longer ones.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no finding says %q", want)
		}
	}
	if strings.Contains(said, "\nK") || strings.HasPrefix(said, "K") {
		t.Error("K is in line")
	}
	if t.Failed() {
		t.Log(said)
	}
}

// TestReportOfPointwise counts what was said by answers, and what follows from it by battles. There is no order to it.
func TestReportOfPointwise(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.Replace(reportModels, "qwen, protocol: verdict5", "qwen, protocol: pointwise", 1), Trial{})
	r := newReporter(a.pairing())
	for i, scores := range [][2]float64{{8, 5}, {5, 5}, {4, 9}, {7, 0}} { // 0: not readable
		s, votes := scene{texts: []string{fmt.Sprint("zero, which is the longer one ", i), fmt.Sprint("one ", i)}, distinct: byte(i + 1), votes: "a"}.sheet(a)
		for place, score := range scores {
			g, _ := s.answer(Side{a.Contestants[place].ID, 0})
			v := verdict{Verdict: judge.Verdict{State: judge.Decided, ScoreA: &score, ScoreB: &score}, Attempts: 1}
			if score == 0 {
				v = verdict{Verdict: judge.Verdict{State: judge.Invalid, Reason: judge.Empty}, Attempts: 1}
			}
			w := asked{judge: &a.Judges[1]}
			s.judge(w.single(&s.wanted, g), v)
			w.repeat = 1
			again := score + float64(place) // of One another score, the second time
			v.ScoreA, v.ScoreB = &again, &again
			s.judge(w.single(&s.wanted, g), v)
		}
		r.see(s, votes)
	}
	rep, err := r.report(t.Context(), Empty{})
	if err != nil {
		t.Fatal(err)
	}
	k := rep.Judges[1]
	for _, test := range []struct {
		what     string
		got      Rate
		count, n int64
	}{
		{"invalid, of answers", k.Invalid, 1, 8},
		{"invalid of One", k.Contestants[1].Invalid, 1, 4},
		{"invalid of Zero", k.Contestants[0].Invalid, 0, 4},
		{"ties, of battles", k.Ties, 1, 3},
		{"consistent", k.Consistent, 0, 0},
		{"first slot", k.FirstSlot, 0, 0},
		{"the same score again", k.SelfConsistency, 4, 7},
		{"contradictions", k.Contradictions, 0, 0},
		{"for the longer", k.LongerWins, 1, 2},
		{"as people", k.Votes.Agreement, 1, 3},
	} {
		if !test.got.is(test.count, test.n) {
			t.Errorf("%s: %d of %d; want %d of %d", test.what, test.got.Count, test.got.N, test.count, test.n)
		}
	}
	if k.Reasons[judge.Empty] != 1 || k.Flips != ([5]int64{}) || rep.Without[0].Battles != 3 {
		t.Errorf("reasons %v, flips %v, %d battles without J; want one empty, none, 3", k.Reasons, k.Flips, rep.Without[0].Battles)
	}
}

// TestReportOfACascade: the second judge sees what the first was not sure of, and nothing else; both are reported as far as
// they were asked.
func TestReportOfACascade(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.Replace(reportModels, "repeat: 1", "panel: {mode: cascade}", 1), Trial{})
	rep := reportOf(t, a, []scene{
		{texts: []string{"zero 1", "one 1"}, said: append(inBoth(0, "A>B", "B>A"), inBoth(1, "B>A", "A>B")...)}, // K: of an earlier file
		{texts: []string{"zero 2", "one 2"}, said: append(inBoth(0, "A>B", "A>B"), inBoth(1, "B>A", "A>B")...)},
		{texts: []string{"zero 3", "one 3"}, said: inBoth(0, "A=B", "A=B")}, // K has yet to be asked
	})
	j, k := rep.Judges[0], rep.Judges[1]
	if j.Verdicts != 6 || k.Verdicts != 2 || !j.Consistent.is(2, 3) || !k.Consistent.is(1, 1) || !rep.Pairs[0].Agreement.is(0, 1) {
		t.Errorf("J %d verdicts, consistent %+v; K %d, %+v; together %+v", j.Verdicts, j.Consistent, k.Verdicts, k.Consistent, rep.Pairs[0].Agreement)
	}
	// All: Zero by J, One by K, the third open. Without J: One; without K: Zero, and what J leaves undecided ties.
	if full := rep.Full; full[0].Rating == nil || rep.Without[0].Battles != 1 || rep.Without[1].Battles != 2 {
		t.Errorf("ratings %+v, %d battles without J, %d without K; want 1 and 2", full, rep.Without[0].Battles, rep.Without[1].Battles)
	}
}

// TestCascadeIsNotAccusedOfDisagreement: judges of a cascade meet where the first one flips or ties, which says nothing of how
// far they agree. With min_valid they meet everywhere.
func TestCascadeIsNotAccusedOfDisagreement(t *testing.T) {
	var scenes []scene
	for i := range 40 {
		scenes = append(scenes, scene{texts: []string{fmt.Sprint("zero ", i), fmt.Sprint("one ", i)}, said: append(inBoth(0, "A>B", "A>B"), inBoth(1, "B>A", "A>B")...)})
	}
	for _, test := range []struct {
		panel  string
		unsure bool
	}{{"mode: mean", false}, {"mode: cascade", true}, {"mode: cascade, min_valid: 2", false}} {
		a := parseArena(t, t.TempDir(), strings.Replace(reportModels, "repeat: 1", "panel: {"+test.panel+"}", 1), Trial{})
		rep := reportOf(t, a, scenes)
		said := strings.Contains(strings.Join(rep.Findings, "\n"), "J and K hardly agree")
		if rep.Panel.UnsureOnly != test.unsure || said == test.unsure {
			t.Errorf("%s: of unsure battles only: %t, said to disagree: %t; want %t, %t", test.panel, rep.Panel.UnsureOnly, said, test.unsure, !test.unsure)
		}
	}
}

// TestReportOfPreferences: of a judge that tells how sure it is, the mean of both orders counts, not the nearest levels.
func TestReportOfPreferences(t *testing.T) {
	sure := func(level int, p float64) *verdict {
		return &verdict{Verdict: judge.Verdict{State: judge.Decided, Level: level, Preference: &p}}
	}
	for _, test := range []struct {
		name   string
		ab, ba *verdict
		level  float64
		want   choice
	}{
		{"barely for A, twice", sure(0, 0.55), sure(0, 0.45), 0.2, firstWins},
		{"for whichever is first: they cancel", sure(1, 0.75), sure(1, 0.75), 0, tied},
		{"surer of B", sure(1, 0.7), sure(2, 0.9), -0.4, secondWins},
	} {
		var h statement
		h.hear(test.ab, 0)
		h.hear(test.ba, 1)
		if math.Abs(h.level-test.level) > 1e-12 || h.choice() != test.want {
			t.Errorf("%s: level %v, %v; want %v, %v", test.name, h.level, h.choice(), test.level, test.want)
		}
	}
}

// TestReportStaysSmall: a report keeps nothing of a prompt, whatever was said of it.
func TestReportStaysSmall(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.Replace(reportModels, ", repeat: 1", "", 1), Trial{})
	s, votes := scene{texts: []string{"zero", "one"}, said: append(inBoth(0, "A>B", "A>B"), inBoth(1, "A>B", judge.Empty)...), votes: "a b tie"}.sheet(a)
	r := newReporter(a.pairing())
	r.see(s, votes)
	if n := testing.AllocsPerRun(100, func() { r.see(s, votes) }); n > 0 {
		t.Errorf("one more prompt takes %v allocations; want none", n)
	}
}

// TestReportOfChosenPairs counts the battles of the batches, whatever else was judged under another way to pair.
func TestReportOfChosenPairs(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.Replace(reportModels, "repeat: 1", "pairs: adaptive", 1), Trial{})
	p := a.pairing()
	p.chosen = map[Hash][]battle{}
	r := newReporter(p)
	for i := range 3 {
		s, votes := scene{distinct: byte(i + 1), texts: []string{fmt.Sprint("zero ", i), fmt.Sprint("one ", i)}, said: inBoth(0, "A>B", "B>A")}.sheet(a)
		if i == 1 {
			b := newBattle(Side{Contestant: a.Contestants[0].ID}, Side{Contestant: a.Contestants[1].ID})
			p.choose([]fixture{{Prompt: s.Prompt, A: b.A, B: b.B}})
		}
		r.see(s, votes)
	}
	rep, err := r.report(t.Context(), Empty{})
	if err != nil || rep.Judges[0].Verdicts != 2 || !rep.Judges[0].Consistent.is(1, 1) {
		t.Errorf("%d verdicts, consistent %+v, %v; want those of one battle", rep.Judges[0].Verdicts, rep.Judges[0].Consistent, err)
	}
}
