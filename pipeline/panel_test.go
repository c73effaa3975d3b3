package pipeline

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"openarena/pipeline/judge"
)

// panelOf is an arena of A against B with judges of these names; those in capitals sit in the panel, the others stand in.
func panelOf(t *testing.T, judges, judging string) *Arena {
	t.Helper()
	var list, spares []string
	for i, name := range strings.Fields(judges) {
		list = append(list, fmt.Sprintf("{name: %s, model_id: judge-%d, weight: %d}", name, i, i+1))
		if strings.ToLower(name) == name {
			spares = append(spares, name)
		}
	}
	judging = strings.ReplaceAll(judging, "SPARES", "replacements: ["+strings.Join(spares, ", ")+"]")
	return parseArena(t, t.TempDir(), "models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudges: ["+strings.Join(list, ", ")+
		"]\njudging: {"+judging+"}\ndatasets: [{path: prompts.jsonl}]\n", Trial{})
}

// saidBy reads "J + -, K = ?": what each judge said, as it is shown in both orders: + the first of the two in canonical order
// is better, - the second, = a tie, ? unreadable, ! failed for good, . not yet, 0 a tie without a call.
func saidBy(text string) (all []said) {
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		for order, mark := range words[min(1, len(words)):] {
			w := said{judge: words[0], order: uint8(order), free: mark == "0"}
			better, worse := "A>B", "B>A"
			if order == 1 {
				better, worse = worse, better
			}
			if w.label = map[string]string{"+": better, "-": worse, "=": "A=B", "0": "A=B", "?": "?", "!": "lost"}[mark]; w.label != "" {
				all = append(all, w)
			}
		}
	}
	return all
}

func TestPanels(t *testing.T) {
	const cascade, spare, both = "panel: {mode: cascade}", "panel: {SPARES}", "panel: {mode: cascade, SPARES}"
	for _, test := range []struct {
		why, judges, judging, said string
		wanted                     string // judges
		weights                    string // of those that are heard
		level                      float64
		state                      string // open, waits or few; "": all is said
	}{
		{"majority: the heavier side wins, and the others are not heard", "J K L", "panel: {mode: majority}", "J - -, K - -, L + +", "J K L", "J1 K2 L3", 0, ""},
		{"majority: equal weights tie, and all are heard", "J K L", "panel: {mode: majority}", "J + +, K + +, L - -", "J K L", "J1 K2 L3", 0, ""},
		{"majority: two of three by weight", "J K L", "panel: {mode: majority}", "J - -, K + +, L + -", "J K L", "J1 K2 L3", 0, ""},
		{"majority: the winners' mean, weighted", "J K L", "panel: {mode: majority}", "J - -, K + +, L + =", "J K L", "K2 L3", (2*1 + 3*0.5) / 5, ""},
		{"majority: a tie may win", "J K L", "panel: {mode: majority}", "J + +, K - -, L = =", "J K L", "J1 K2 L3", 0, ""},
		{"majority: who cannot be read does not vote", "J K L", "panel: {mode: majority}", "J - -, K ? ?, L ? ?", "J K L", "J1", -1, ""},
		{"majority: nobody can be read", "J K L", "panel: {mode: majority}", "J ? ?, K ? ?, L ? ?", "J K L", "", 0, ""},

		{"cascade: it begins with the first", "J K L", cascade, "", "J", "", 0, "open"},
		{"cascade: half a judge is none", "J K L", cascade, "J + .", "J", "", 0, "waits"},
		{"cascade: who is sure decides", "J K L", cascade, "J + +", "J", "J1", 1, ""},
		{"cascade: what others said before does not count", "J K L", cascade, "J + +, K - -", "J", "J1", 1, ""},
		{"cascade: a flip goes on, and does not count meanwhile", "J K L", cascade, "J + -", "J K", "", 0, "waits"},
		{"cascade: so does a tie in one order", "J K L", cascade, "J + =", "J K", "", 0, "waits"},
		{"cascade: so does a tie in both", "J K L", cascade, "J = =", "J K", "", 0, "waits"},
		{"cascade: so does what cannot be read", "J K L", cascade, "J + ?", "J K", "", 0, "waits"},
		{"cascade: so does a failure for good", "J K L", cascade, "J ! +", "J K", "", 0, "waits"},
		{"cascade: a failure alone has it wait, too", "J K L", cascade, "J ! !", "J K", "", 0, "waits"},
		{"cascade: a tie that took no call is sure", "J K L", cascade, "J 0 0", "J", "J1", 0, ""},
		{"cascade: the second decides", "J K L", cascade, "J + -, K - -", "J K", "K2", -1, ""},
		{"cascade: the last decides, whatever it says", "J K L", cascade, "J + -, K = =, L + =", "J K L", "L3", 0.5, ""},
		{"cascade: if the last cannot be read, the last that could decides", "J K L", cascade, "J + -, K + =, L ? ?", "J K L", "K2", 0.5, ""},
		{"cascade: if nobody can be read, nobody decides", "J K", cascade, "J ? ?, K ! ?", "J K", "", 0, ""},

		{"replacements: nobody is asked without need", "J K s", spare, "J + +, K - =", "J K", "J1 K2", 0, ""},
		{"replacements: at one unreadable verdict the first stands in, with all orders", "J K s u", spare, "J + ?, K - -", "J K s", "J1 K2", -1.0 / 3, "open"},
		{"replacements: it takes the place and the weight", "J K s u", spare, "J + ?, K - -, s + +", "J K s", "K2 s1", -1.0 / 3, ""},
		{"replacements: a failure for good counts as well", "J K s u", spare, "J - -, K ! !, s + +", "J K s", "J1 s2", 1.0 / 3, ""},
		{"replacements: the next stands in for one that failed, too", "J K s u", spare, "J ? ?, K - -, s ? +", "J K s u", "K2 s1", -1.0 / 3, "open"},
		{"replacements: and takes the place from it", "J K s u", spare, "J ? ?, K - -, s ? +, u + +", "J K s u", "K2 u1", -1.0 / 3, ""},
		{"replacements: two that failed need two", "J K s u", spare, "J ? ?, K ! ?, s + +", "J K s u", "s1", 1, "open"},
		{"replacements: in the order of the file", "J K s u", spare, "J ? ?, K ! ?, s + +, u - -", "J K s u", "s1 u2", -1.0 / 3, ""},
		{"replacements: if all fail, what can be read counts", "J K s", spare, "J + ?, K - -, s ? -", "J K s", "J1 K2", -1.0 / 3, ""},
		{"replacements: if nothing can, the place stays empty", "J K s", spare, "J ? ?, K - -, s ? ?", "J K s", "K2", -1, ""},

		{"both: the next judge comes before a replacement", "J K s", both, "J ? ?", "J K", "", 0, "waits"},
		{"both: only the last is replaced", "J K s", both, "J + -, K ? ?", "J K s", "", 0, "waits"},
		{"both: and then that one decides", "J K s", both, "J + -, K ? ?, s - -", "J K s", "s2", -1, ""},
		{"both: else the last that could be read", "J K s", both, "J + =, K ? ?, s ! ?", "J K s", "J1", 0.5, ""},
		{"both: one judge with a replacement is replaced", "J s", both, "J ! ?", "J s", "", 0, "open"},

		{"min_valid: too few, and more to come", "J K L", "panel: {min_valid: 2}", "J + +, K ? .", "J K L", "", 0, "waits"},
		{"min_valid: too few for good", "J K L", "panel: {min_valid: 2}", "J + +, K ? ?, L ! !", "J K L", "", 0, "few"},
		{"min_valid: nobody at all", "J K", "panel: {min_valid: 2}", "J ? ?, K ! !", "J K", "", 0, "few"},
		{"min_valid: enough", "J K L", "panel: {min_valid: 2}", "J + +, K ? -, L ! !", "J K L", "J1 K2", -1.0 / 3, ""},
		{"min_valid: a majority of enough", "J K L", "panel: {mode: majority, min_valid: 2}", "J + +, K ? -, L ! !", "J K L", "K2", -1, ""},
		{"min_valid: a replacement counts", "J K s", "panel: {min_valid: 2, SPARES}", "J + +, K ? ?, s = =", "J K s", "J1 s2", 1.0 / 3, ""},
	} {
		a := panelOf(t, test.judges, test.judging)
		s, b := twoSheet(a, saidBy(test.said))
		p := a.pairing()
		var wanted, weights []string
		orders := map[string]int{}
		for _, w := range p.judgments(s, b) {
			if orders[w.judge.Name]++; orders[w.judge.Name] == 1 {
				wanted = append(wanted, w.judge.Name)
			}
		}
		for name, n := range orders {
			if n != 2 {
				t.Errorf("%s: %s is asked %d times; want both orders", test.why, name, n)
			}
		}
		m := p.battleMargins(s, b)
		voices, _, open := p.voices(s, b, nil)
		p.panel.decide(voices, open)
		for i := range a.Judges {
			d := decision{asked: asked{judge: &a.Judges[i]}}
			if d.hear(voices); d.weight > 0 {
				weights = append(weights, fmt.Sprint(a.Judges[i].Name, d.weight))
			}
		}
		state := ""
		switch {
		case m.few:
			state = "few"
		case m.waits:
			state = "waits"
		case m.owed:
			state = "open"
		}
		slices.Sort(wanted)
		slices.Sort(weights)
		if got := strings.Join(wanted, " "); got != test.wanted {
			t.Errorf("%s: after %q it wants %s; want %s", test.why, test.said, got, test.wanted)
		}
		if got := strings.Join(weights, " "); got != test.weights || math.Abs(m.level-test.level) > 1e-12 || state != test.state || (m.weight > 0) != (test.weights != "") {
			t.Errorf("%s: after %q level %v by %q, %q; want %v by %q, %q", test.why, test.said, m.level, got, state, test.level, test.weights, test.state)
		}
	}
}

func TestPanelWeightsAreThoseOfThePlace(t *testing.T) {
	a := panelOf(t, "J K s", "panel: {SPARES}")
	s, b := twoSheet(a, saidBy("J + +, K ? ?, s - -"))
	// s would have 3 of its own.
	if m := a.pairing().battleMargins(s, b); math.Abs(m.level-(1-2)/3.0) > 1e-12 || m.weight != 3 || m.shown != 4 || m.bad != 2 {
		t.Errorf("level %v, weight %v, %d valid, %d invalid; want -1/3, 3, 4, 2", m.level, m.weight, m.shown, m.bad)
	}
}

// TestPanelOfRandomOrders: each judge is asked in one order only, and that is drawn for spares, too.
func TestPanelOfRandomOrders(t *testing.T) {
	a := panelOf(t, "J K s", "orders: random, panel: {mode: cascade, SPARES}")
	s, b := twoSheet(a, nil)
	p := a.pairing()
	for _, w := range p.possible(s, b) {
		for range 2 { // the same one each time
			if again := p.possible(s, b)[slices.IndexFunc(p.possible(s, b), func(x asked) bool { return x.judge == w.judge })]; again != w {
				t.Errorf("%s is shown order %d, then %d", w.judge.Name, w.order, again.order)
			}
		}
	}
	if n := len(p.possible(s, b)); n != 3 {
		t.Errorf("%d judgments are possible; want one of each judge", n)
	}
	if n := len(p.judgments(s, b)); n != 1 {
		t.Errorf("%d judgments are wanted at first; want one", n)
	}
}

func TestSkippingInAPanel(t *testing.T) {
	for _, test := range []struct{ why, judging, j, k, s, want string }{
		{"another judge of the panel remains", "panel: {SPARES}", "a", "y", "z", "K"},
		{"a replacement is no judge that remains", "panel: {SPARES}", "a", "b", "z", "J K"},
		{"a cascade begins with the next", "panel: {mode: cascade, SPARES}", "a", "y", "z", "K"},
		{"it skips nothing if told so", "skip_own_model: false, panel: {mode: cascade, SPARES}", "a", "y", "z", "J"},
	} {
		yaml := "models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudges: [{name: J, model_id: " + test.j + "}, {name: K, model_id: " + test.k +
			"}, {name: s, model_id: " + test.s + "}]\njudging: {" + strings.ReplaceAll(test.judging, "SPARES", "replacements: [s]") + "}\ndatasets: [{path: p.jsonl}]\n"
		a := parseArena(t, t.TempDir(), yaml, Trial{})
		s, b := twoSheet(a, nil)
		var names []string
		for _, w := range a.pairing().judgments(s, b) {
			names = append(names, w.judge.Name)
		}
		if got := strings.Join(slices.Compact(names), " "); got != test.want {
			t.Errorf("%s: %s judge; want %s", test.why, got, test.want)
		}
	}
}

func TestRepeats(t *testing.T) {
	a := panelOf(t, "J", "repeat: 0.25")
	p, n, all := a.pairing(), 0, 2000
	for i := range all / 2 {
		s, b := twoSheet(a, nil)
		s.Prompt = sum[Hash](fmt.Append(nil, i))
		first := slices.Clone(p.judgments(s, b))
		s.answers = nil // before the answers are there it is the same
		if again := p.judgments(s, b); !slices.Equal(again, first) {
			t.Fatalf("prompt %d wants %v, then %v", i, first, again)
		}
		n += len(first) - 2
	}
	if n < all/4-100 || n > all/4+100 {
		t.Errorf("%d of %d judgments are asked twice; want a quarter", n, all)
	}

	a = panelOf(t, "J", "repeat: 1")
	p = a.pairing()
	s, b := twoSheet(a, saidBy("J + +"))
	for _, w := range p.judgments(s, b) {
		if w.repeat == 1 { // a second opinion that would turn the battle
			v := verdict{Verdict: judge.Verdict{State: judge.Decided, Level: -2}, Attempts: 1}
			s.judge(w.key(&s.wanted, b, texts(s.answers[0].Digest, s.answers[1].Digest)), v)
		}
	}
	if len(s.keys) != 4 {
		t.Fatalf("%d verdicts are there; want each order twice", len(s.keys))
	}
	if m := p.battleMargins(s, b); m.level != 1 || m.shown != 2 {
		t.Errorf("with repeats the level is %v of %d verdicts; want 1 of 2: repeats never count", m.level, m.shown)
	}
	if all := s.decided(p); len(all) != 2 {
		t.Errorf("%d verdicts are exported; want 2", len(all))
	}

	s, b = twoSheet(a, nil)
	s.answers[1].Digest = s.answers[0].Digest
	if all := p.judgments(s, b); len(all) != 2 {
		t.Errorf("equal answers want %d judgments; want 2, since no judge looks at them", len(all))
	}
}

// Sums of decimal weights are not exact: 0.1 + 0.2 is a little more than 0.3.
func TestMajorityWeighsDecimals(t *testing.T) {
	for _, test := range []struct {
		ahead, against []float64
		level          float64
	}{
		{[]float64{0.1, 0.2}, []float64{0.3}, 0},
		{[]float64{0.3}, []float64{0.2, 0.1}, 0},
		{[]float64{0.1, 0.2}, []float64{0.30001}, -1},
		{[]float64{1e-12}, []float64{2e-12}, -1},
	} {
		var voices []opinion
		for side, weights := range [][]float64{test.ahead, test.against} {
			for _, w := range weights {
				voices = append(voices, opinion{weight: w, level: float64(1 - 2*side), valid: 2})
			}
		}
		if m := (panel{mode: "majority", minValid: 1}).decide(voices, false); m.level != test.level {
			t.Errorf("%v against %v: level %v; want %v", test.ahead, test.against, m.level, test.level)
		}
	}
}
