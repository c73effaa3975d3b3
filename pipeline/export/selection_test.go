package export

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"openarena/providers"
)

// named is a row in short: whose answer was chosen over whose, or whose it is and whether it is good.
func named(t *testing.T, line string) string {
	t.Helper()
	var row struct {
		Chosen   string `json:"chosen_model"`
		Rejected string `json:"rejected_model"`
		Model    string
		Label    *bool
	}
	var plain map[string]json.RawMessage
	if err := json.Unmarshal([]byte(line), &plain); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	delete(plain, "chosen") // which is another field to a reader that knows no case
	text, err := json.Marshal(plain)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &row); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	switch {
	case row.Chosen != "":
		return row.Chosen + ">" + row.Rejected
	case row.Label != nil:
		return fmt.Sprintf("%s=%v", row.Model, *row.Label)
	}
	return row.Model
}

func one(answers []Answer, judgments ...[]Judgment) *fixed {
	return &fixed{prompts: []*Prompt{{Hash: "07", Messages: user("?"), Answers: answers, Judgments: join(judgments...)}}}
}

func of(names string) (all []Answer) {
	for _, n := range strings.Fields(names) {
		sample := 0
		for _, a := range all {
			sample += btoi(a.Model == n)
		}
		all = append(all, Answer{Model: n, Sample: sample, Text: fmt.Sprint("text of ", n, sample)})
	}
	return all
}

func TestModes(t *testing.T) {
	four := one(of("A B C D"), both(0, 1, 1), both(0, 2, 2), both(0, 3, 2), both(1, 2, 1), both(1, 3, 2), both(2, 3, 1))
	circle := one(of("A B C"), both(0, 1, 1), both(1, 2, 1), both(0, 2, -1))
	samples := one(of("A A B B"), both(0, 2, 2), both(1, 3, -1))
	for _, c := range []struct {
		about string
		arena *fixed
		o     Options
		want  string
	}{
		{"best against worst", four, Options{}, "A>D"},
		{"every pair", four, Options{Mode: "all_pairs"}, "A>B A>C A>D B>C B>D C>D"},
		{"the best against one by lot", four, Options{Mode: "best_vs_random"}, "A>B"},
		{"what B lost", four, Options{Mode: "target_lost", Model: "B"}, "A>B"},
		{"what A lost", four, Options{Mode: "target_lost", Model: "A"}, ""},
		{"rejected of C", four, Options{Mode: "policy", Model: "C"}, "A>C"},
		{"two samples of one model, judged by how they did against others", samples, Options{Mode: "policy_both", Model: "A"}, "A>A"},
		{"rejected of a model, be the better one its own", samples, Options{Mode: "policy", Model: "A"}, "A>A"},
		{"both of a model with one sample", four, Options{Mode: "policy_both", Model: "A"}, ""},
		{"in a circle all stand alike", circle, Options{}, "A>B"},
		{"the worst never wins against the best by a detour", one(of("A B C"), both(0, 1, 1), both(1, 2, 2)), Options{}, "B>C"},
		{"a tie gives way to a pair", one(of("A B C"), both(0, 1, 0), both(1, 2, 1)), Options{}, "B>C"},
		{"the best answer", four, Options{Type: "sft"}, "A"},
		{"the best of a model", four, Options{Type: "sft", Mode: "policy", Model: "C"}, "C"},
		{"the best where a model lost", four, Options{Type: "sft", Mode: "target_lost", Model: "D"}, "A"},
		{"good and bad", four, Options{Type: "kto"}, "A=true B=true C=false D=false"},
		{"further apart", four, Options{Type: "kto", Filters: Filters{TrueFrom: 9, FalseTo: 2}}, "A=true D=false"},
		{"of one model", four, Options{Type: "kto", Mode: "policy", Model: "B"}, "B=true"},
	} {
		if got, _ := picks(t, c.arena, c.o); got != c.want {
			t.Errorf("%s: %q; want %q", c.about, got, c.want)
		}
	}
}

func TestFilters(t *testing.T) {
	flag := func(j []Judgment, flags ...string) []Judgment { j[0].Flags = flags; return j }
	unreadable := func(j []Judgment) []Judgment {
		j[0] = Judgment{First: j[0].First, Second: j[0].Second, Judge: "main", Weight: 1, State: "invalid"}
		return j
	}
	partial := both(0, 1, 1)[:1]
	partial[0].Partial = true
	short := both(0, 1, 1)
	short[0].Short, short[1].Short = true, true
	divided := both(0, 1, 1)
	divided[0].Divided = true
	panel := func(levels ...int) (all []Judgment) {
		for i, level := range levels {
			j := both(0, 1, level)
			j[0].Judge, j[1].Judge = fmt.Sprint(i), fmt.Sprint(i)
			all = append(all, j...)
		}
		return all
	}
	texts := func(a, b string) []Answer { return []Answer{{Model: "A", Text: a}, {Model: "B", Text: b}} }
	cut := texts("x", "y")
	cut[0].Finish = providers.FinishLength
	worseCut := texts("x", "y")
	worseCut[1].Finish = providers.FinishLength
	scored := both(0, 1, 1)
	for i := range scored {
		scored[i].ScoreFirst, scored[i].ScoreSecond = ptr(7.5), ptr(7.0)
	}
	all := Filters{Allow: Allowances}
	for _, c := range []struct {
		about string
		arena *fixed
		f     Filters
		want  string // what takes the one candidate; "": none does
	}{
		{"a clear pair", one(of("A B"), both(0, 1, 1)), Filters{}, ""},
		{"a clear pair, strictly", one(of("A B"), both(0, 1, 1)), Filters{Strict: true}, ""},
		{"no verdict", one(of("A B"), unreadable(both(0, 1, 1)[:1])), all, "undecided"},
		{"too few judges", one(of("A B"), short), all, "undecided"},
		{"a tie", one(of("A B"), both(0, 1, 0)), all, "ties"},
		{"orders that cancel out", one(of("A B"), orders(0, 1, 1, -1)), all, "ties"},
		{"a panel that is divided", one(of("A B"), divided), all, "ties"},
		{"an empty answer", one(texts("x", " \n"), both(0, 1, 2)), all, "empty"},
		{"a forfeit", one(of("A B"), flag(both(0, 1, 2), "forfeit")), all, "empty"},
		{"nothing but thoughts", one(texts("x", "<think>hm</think> "), both(0, 1, 2)), all, "empty"},
		{"the same but for blanks", one(texts("x", " x\n"), both(0, 1, 1)), all, "identical"},
		{"half of a judge is unreadable", one(of("A B"), unreadable(both(0, 1, 1))), Filters{}, "invalid"},
		{"the same, allowed", one(of("A B"), unreadable(both(0, 1, 1))), Filters{Allow: []string{"invalid"}}, ""},
		{"a flag", one(of("A B"), flag(both(0, 1, 1), "suspicious_verdict")), Filters{}, "flagged"},
		{"the same, allowed", one(of("A B"), flag(both(0, 1, 1), "suspicious_verdict")), Filters{Allow: []string{"flagged"}}, ""},
		{"a judge that is swayed by the order", one(of("A B"), orders(0, 1, 2, -1)), Filters{}, "inconsistent"},
		{"better and a tie", one(of("A B"), orders(0, 1, 1, 0)), Filters{}, "inconsistent"},
		{"much better and better", one(of("A B"), orders(0, 1, 2, 1)), Filters{}, ""},
		{"the same, allowed", one(of("A B"), orders(0, 1, 2, -1)), Filters{Allow: []string{"inconsistent"}}, ""},
		{"one order of two", one(of("A B"), partial), Filters{}, "inconsistent"},
		{"one order where one is asked for", one(of("A B"), both(0, 1, 1)[:1]), Filters{}, ""},
		{"a chosen answer that was cut off", one(cut, both(0, 1, 1)), Filters{}, "unfinished"},
		{"the same, allowed", one(cut, both(0, 1, 1)), Filters{Allow: []string{"unfinished"}}, ""},
		{"a rejected answer that was cut off", one(worseCut, both(0, 1, 1)), Filters{}, ""},
		{"a narrow margin", one(of("A B"), orders(0, 1, 1, -0)), Filters{MinMargin: 0.75, Allow: Allowances}, "min_margin"},
		{"wide enough", one(of("A B"), orders(0, 1, 1, 0)), Filters{MinMargin: 0.5, Allow: Allowances}, ""},
		{"few points", one(of("A B"), scored[:1]), Filters{MinPoints: 1}, "min_points"},
		{"no points are given", one(of("A B"), both(0, 1, 1)), Filters{MinPoints: 1}, ""},
		{"two of three judges", one(of("A B"), panel(1, 1, -1)), Filters{MinAgreement: 2.0 / 3}, ""},
		{"one of two", one(of("A B"), panel(2, -1)), Filters{MinAgreement: 2.0 / 3}, "min_agreement"},
		{"too long", one(texts("xxxxx", "yy"), both(0, 1, 1)), Filters{MaxLengthRatio: 2}, "max_length_ratio"},
		{"characters, not bytes", one(texts("éé", "yy"), both(0, 1, 1)), Filters{MaxLengthRatio: 1.5}, ""},
		{"a refusal is rejected", one(texts("Blue.", "I’m sorry, but I can’t assist with that."), both(0, 1, 1)), Filters{NoRefusals: true}, "no_refusals"},
		{"a refusal behind a thought", one(texts("<think>"+strings.Repeat("How shall I say it? ", 20)+"</think>I can't assist with that.", "Blue."), both(0, 1, 1)),
			Filters{NoRefusals: true}, "no_refusals"},
		{"a thought of refusing", one(texts("<think>I can't help with that? I can.</think>Blue.", "Red."), both(0, 1, 1)), Filters{NoRefusals: true}, ""},
		{"a refusal, and nobody asks", one(texts("Blue.", "I can't assist with that."), both(0, 1, 1)), Filters{}, ""},
	} {
		_, s := picks(t, c.arena, Options{Filters: c.f})
		got := ""
		for _, r := range s.Removed {
			got += r.Filter
		}
		if got != c.want || s.Candidates != 1 || s.Rows+len(s.Removed) != 1 {
			t.Errorf("%s: taken by %q, %+v; want %q", c.about, got, s, c.want)
		}
	}
}

func TestMaxPairs(t *testing.T) {
	a := one(of("A B C"), both(0, 1, 1), both(0, 2, 2), both(1, 2, 1))
	got, s := picks(t, a, Options{Mode: "all_pairs", Filters: Filters{MaxPairs: 2}})
	if got != "A>C A>B" || s.Filtered() != "left out 1 by max_pairs_per_prompt" {
		t.Errorf("%q, %s; want the two widest", got, s.Filtered())
	}
}

func TestTurnsThatATrainerCannotTake(t *testing.T) {
	a := one(of("A B"), both(0, 1, 1))
	a.prompts[0].Messages = join(user("one"), user("two"))
	for trainer, want := range map[string]string{"llama-factory": "left out 1 by turns", "verl": "left out 1 by turns", "trl": ""} {
		if _, s := picks(t, a, Options{For: trainer, Format: "jsonl"}); s.Filtered() != want {
			t.Errorf("%s: %q; want %q", trainer, s.Filtered(), want)
		}
	}
}

func TestRefuses(t *testing.T) {
	for text, want := range map[string]bool{
		"I'm sorry, but I can't assist with that request.": true,
		"I\u2019m sorry, I CANNOT HELP WITH that.":         true,
		"As an AI language model, I cannot have opinions.": true,
		"  Sorry, I'm unable to provide that.":             true,
		"I'm sorry to hear that. Here is what you can do.": false,
		"You cannot divide by zero.":                       false,
		"Blue.":                                            false,
		"":                                                 false,
		"A story. " + strings.Repeat("It went on. ", 30) + "\"I can't help with that\", said he.": false,
	} {
		if got := refuses(text); got != want {
			t.Errorf("refuses(%.60q) = %v; want %v", text, got, want)
		}
	}
}

func TestThoughts(t *testing.T) {
	for _, c := range []struct{ text, reasoning, spoken, thought string }{
		{"Blue.", "", "Blue.", "Blue."},
		{"<think>\nhm\n</think>\n\nBlue.", "", "Blue.", "<think>\nhm\n</think>\n\nBlue."},
		{"hm\n</think>\nBlue.", "", "Blue.", "hm\n</think>\nBlue."},
		{"<think>a</think>B<think>c</think>D", "", "BD", "<think>a</think>B<think>c</think>D"},
		{"<think>never ends", "", "", "<think>never ends"},
		{"Write <think> first.", "", "Write <think> first.", "Write <think> first."},
		{"<reasoning>a</reasoning> x < y", "", "x < y", "<reasoning>a</reasoning> x < y"},
		{"Red.", " why not\n", "Red.", "<think>\nwhy not\n</think>\n\nRed."},
	} {
		a := Answer{Text: c.text, Reasoning: c.reasoning}
		if a.spoken() != c.spoken || a.thought() != c.thought {
			t.Errorf("%q: spoken %q, with thoughts %q; want %q, %q", c.text, a.spoken(), a.thought(), c.spoken, c.thought)
		}
	}
}

// lottery is an arena drawn by lot: judges, panels, orders, samples, flags, all that judgments may say.
func lottery(r *rand.Rand) *fixed {
	arena := &fixed{}
	for i := range 1 + r.IntN(4) {
		p := &Prompt{Hash: fmt.Sprintf("%02x", i), Messages: user(fmt.Sprint("prompt ", i))}
		for m := range 1 + r.IntN(4) {
			for k := range 1 + r.IntN(2) {
				p.Answers = append(p.Answers, Answer{Model: string(rune('A' + m)), Sample: k, Text: fmt.Sprint("text ", r.IntN(9)),
					Finish: []string{"stop", "length"}[r.IntN(2)]})
			}
		}
		for a := range p.Answers {
			for b := a + 1; b < len(p.Answers); b++ {
				if p.Answers[a].Model != p.Answers[b].Model && r.IntN(4) > 0 {
					p.Judgments = append(p.Judgments, drawn(r, a, b)...)
				}
			}
		}
		arena.prompts = append(arena.prompts, p)
	}
	return arena
}

func drawn(r *rand.Rand, a, b int) (all []Judgment) {
	short := r.IntN(8) == 0
	for judge := range 1 + r.IntN(3) {
		weight := float64(r.IntN(3))
		for order := range 1 + r.IntN(2) {
			j := orders(a, b, r.IntN(5)-2, r.IntN(5)-2)[order]
			j.Judge, j.Weight, j.Short = fmt.Sprint(judge), weight, short
			switch r.IntN(8) {
			case 0:
				j.State, j.Level = "invalid", 0
			case 1:
				j.Flags = []string{"low_confidence"}
			case 2:
				j.Preference = ptr(r.Float64())
			case 3:
				j.ScoreFirst, j.ScoreSecond = ptr(1+9*r.Float64()), ptr(1+9*r.Float64())
			}
			all = append(all, j)
		}
	}
	return all
}

// FuzzSelection: whatever was judged and asked for, rows and what filters took are all candidates; a chosen answer is never the
// worse one of a battle.
func FuzzSelection(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		arena := lottery(r)
		var f Filters
		if r.IntN(2) == 0 {
			f = Filters{Strict: r.IntN(2) == 0, Allow: Allowances[:r.IntN(len(Allowances)+1)]}
		}
		for kind := range trainings {
			for _, m := range modes {
				if !trainings[kind]["trl"].has(m) {
					continue
				}
				o := Options{Type: kind, Mode: m.name, Filters: f}
				if m.model {
					o.Model = "A"
				}
				checkSelection(t, arena, o)
			}
		}
	})
}

func checkSelection(t *testing.T, arena *fixed, o Options) {
	t.Helper()
	tr, m, err := chooseTraining(o)
	if err != nil {
		t.Fatal(err)
	}
	rows, chosen, rejected := 0, 0, 0
	var sel *selection
	sel = newSelection(tr, o, m, nil, func([]value) error {
		rows++
		chosen += len([]rune(sel.example.better))
		if tr.takes == takesPairs {
			rejected += len([]rune(sel.example.worse))
		}
		checkExample(t, tr, &sel.example)
		return nil
	})
	for _, p := range arena.prompts {
		if err := sel.see(p); err != nil {
			t.Fatal(err)
		}
	}
	var s Summary
	sel.tell(&s)
	removed := 0
	for _, r := range s.Removed {
		removed += r.Rows
	}
	if n := float64(max(rows, 1)); s.MeanLength != float64(chosen)/n || s.MeanLengthRejected != float64(rejected)/n {
		t.Fatalf("%+v: mean lengths %v and %v; want %d and %d characters in %d rows", o, s.MeanLength, s.MeanLengthRejected, chosen, rejected, rows)
	}
	if s.Candidates != removed+rows {
		t.Fatalf("%+v: %d candidates, %d rows, %d taken", o, s.Candidates, rows, removed)
	}
}

// checkExample compares a row with what the judges said, counted anew.
func checkExample(t *testing.T, tr *training, x *example) {
	t.Helper()
	c := &x.contest
	if tr.takes != takesPairs || c.derived {
		return
	}
	level, short := map[string]*mean{}, false
	weights := map[string]float64{}
	for i := range x.prompt.Judgments {
		j := &x.prompt.Judgments[i]
		if !c.between(j) {
			continue
		}
		short = short || j.Short
		if j.State == "invalid" {
			continue
		}
		if level[j.Judge] == nil {
			level[j.Judge] = &mean{}
		}
		sign := 1.0
		if j.First != c.winner() {
			sign = -1
		}
		level[j.Judge].add(sign*j.level(), 1)
		weights[j.Judge] = j.Weight
	}
	var all mean
	for judge, m := range level {
		all.add(m.value(), weights[judge])
	}
	if short || all.value() <= 0 || math.Abs(all.value()-c.margin()) > 1e-9 {
		t.Fatalf("prompt %s: %s over %s by %v; the judges say %v", x.prompt.Hash, x.chosen.Model, x.rejected.Model, c.margin(), all.value())
	}
	if strings.TrimSpace(x.better) == strings.TrimSpace(x.worse) {
		t.Fatalf("prompt %s: the same text twice", x.prompt.Hash)
	}
}

func TestNearDuplicates(t *testing.T) {
	arena := &fixed{}
	for i, text := range []string{
		"Explain in two sentences why the sky over the sea is blue at noon and red in the evening.",
		"Name three rivers in France.",
		"Explain in two sentences why the sky over the sea is blue at noon and red in the evening!",
		"Explain in two sentences, please, why the sky over the sea is blue at noon and red in the evening.",
	} {
		level := 1
		if i == 0 {
			level = 0 // no row, so that nothing repeats it
		}
		arena.prompts = append(arena.prompts, &Prompt{Hash: fmt.Sprintf("%032x", i), Messages: user(text), Answers: of("A B C"), Judgments: join(both(0, 1, level), both(0, 2, level))})
	}
	for _, c := range []struct {
		o    Options
		want string
	}{
		{Options{Mode: "all_pairs", Filters: Filters{NearDuplicates: 0.7}}, "A>B A>C A>B A>C"},
		{Options{Type: "sft", Filters: Filters{NearDuplicates: 1}}, "A A A A"},
		{Options{Type: "kto", Filters: Filters{NearDuplicates: 0.7, TrueFrom: 7, FalseTo: 5}}, "A=true B=false C=false A=true B=false C=false"},
	} {
		got, s := picks(t, arena, c.o)
		if got != c.want {
			t.Errorf("%+v: %q; want %q (%s)", c.o, got, c.want, s.Filtered())
		}
	}
}

// Rows are made in the same memory, however many there are.
func TestSelectionNeedsNoMemory(t *testing.T) {
	prompt := classroom().prompts[2]
	for kind, mode := range map[string]string{"preference": "all_pairs", "reward": "best_worst", "kto": "all_answers", "sft": "top1"} {
		o := Options{Type: kind, Mode: mode}
		tr, m, err := chooseTraining(o)
		if err != nil {
			t.Fatal(err)
		}
		s := newSelection(tr, o, m, nil, func([]value) error { return nil })
		allocations := testing.AllocsPerRun(100, func() {
			if err := s.see(prompt); err != nil {
				t.Fatal(err)
			}
		})
		if allocations > 4 { // a text without its thoughts is a new one
			t.Errorf("%s: %v allocations a prompt; want next to none", kind, allocations)
		}
	}
}
