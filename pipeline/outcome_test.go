package pipeline

import (
	"math"
	"slices"
	"strings"
	"testing"

	"openarena/pipeline/judge"
)

// twoModels is an arena of A against B, with judges J (weight 1) and K (weight 3).
const twoModels = `models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: J, model_id: j}, {name: K, model_id: k, weight: 3}]
datasets: [{path: prompts.jsonl}]
`

// said is a verdict on A against B, in the order of presentation.
type said struct {
	judge    string
	order    uint8 // 0: the one that sorts first was shown first
	label    string
	a, b     float64 // scores as shown; 0: none
	textsOld bool    // of another text of an answer
	free     bool    // it took no call
}

// twoSheet is a sheet with both answers and what was said.
func twoSheet(a *Arena, all []said) (*sheet, battle) {
	s := newSheet(Hash{1})
	for i, c := range a.Contestants {
		s.give(Side{c.ID, 0}, reply{Digest: Digest{byte(i + 1)}})
	}
	b := a.pairing().of(s.Prompt)[0]
	labels := map[string]int{"A>>B": 2, "A>B": 1, "A=B": 0, "B>A": -1, "B>>A": -2}
	for _, w := range all {
		level, known := labels[w.label]
		v := verdict{Verdict: judge.Verdict{State: judge.Decided, Level: level}}
		if v.Level == 0 {
			v.State = judge.Tie
		}
		if !known {
			v.State, v.Reason = judge.Invalid, judge.NoVerdict
		}
		if w.a > 0 {
			v.ScoreA, v.ScoreB = &w.a, &w.b
		}
		for i := range a.Judges {
			if a.Judges[i].Name != w.judge {
				continue
			}
			x, _ := s.answer(b.A)
			y, _ := s.answer(b.B)
			digest := texts(x.Digest, y.Digest)
			if w.textsOld {
				digest = Digest{99}
			}
			key := asked{judge: &a.Judges[i], order: w.order}.key(&s.wanted, b, digest)
			if w.label == "lost" {
				s.failed[string(key.bytes())] = failure{Permanent: true, Reason: "filtered"}
				continue
			}
			if v.Attempts = 1; w.free {
				v.Attempts = 0
			}
			s.judge(key, v)
		}
	}
	return s, b
}

func TestMarginsAndPoints(t *testing.T) {
	a := parseArena(t, t.TempDir(), twoModels, Trial{})
	for _, test := range []struct {
		name               string
		said               []said
		weight             float64
		win, levels, share float64 // of the one that sorts first; not looked at without weight
		shown, ties, bad   int
	}{
		{name: "nothing was said: no battle"},
		{name: "an unreadable verdict is no tie", said: []said{{judge: "J", label: "?"}}, bad: 1},
		{name: "a verdict on texts that have changed does not count", said: []said{{judge: "J", label: "A>B", textsOld: true}}},
		{name: "the first is better in both orders", weight: 1, win: 1, levels: 0.75, share: 0.7, shown: 2,
			said: []said{{judge: "J", label: "A>B", a: 7, b: 3}, {judge: "J", order: 1, label: "B>A", a: 3, b: 7}}},
		{name: "whoever is shown first wins: the orders cancel", weight: 1, win: 0.5, levels: 0.5, share: 0.5, shown: 2,
			said: []said{{judge: "J", label: "A>>B", a: 8, b: 2}, {judge: "J", order: 1, label: "A>>B", a: 8, b: 2}}},
		{name: "much better once outweighs worse once", weight: 1, win: 1, levels: 0.625, share: 0.575, shown: 2,
			said: []said{{judge: "J", label: "A>>B", a: 9, b: 1}, {judge: "J", order: 1, label: "A>B", a: 6, b: 2}}},
		{name: "one order alone counts as it is", weight: 1, win: 0, levels: 0.25, share: 0.25, shown: 1, bad: 1,
			said: []said{{judge: "J", order: 1, label: "A>B", a: 6, b: 2}, {judge: "J", label: "?"}}},
		{name: "a tie is said, not assumed", weight: 1, win: 0.5, levels: 0.5, share: 0.5, shown: 1, ties: 1,
			said: []said{{judge: "J", label: "A=B", a: 5, b: 5}}},
		{name: "judges are weighed", weight: 4, win: 0, levels: (2 + (1.0-3*2)/4) / 4, share: (0.6 + 3*0.1) / 4, shown: 2,
			said: []said{{judge: "J", label: "A>B", a: 6, b: 4}, {judge: "K", label: "B>>A", a: 1, b: 9}}},
		{name: "a judge that cannot be read has no weight", weight: 3, win: 0, levels: 0, share: 0.1, shown: 1, bad: 1,
			said: []said{{judge: "J", label: "?"}, {judge: "K", label: "B>>A", a: 1, b: 9}}},
		{name: "without scores a level stands for 10 against 1", weight: 1, win: 1, levels: 1, share: 10.0 / 11, shown: 1,
			said: []said{{judge: "J", label: "A>>B"}}},
	} {
		s, b := twoSheet(a, test.said)
		m := a.pairing().battleMargins(s, b)
		if m.weight != test.weight || m.shown != test.shown || m.ties != test.ties || m.bad != test.bad {
			t.Errorf("%s: weight %v, %d said something, %d ties, %d unreadable; want %v, %d, %d, %d",
				test.name, m.weight, m.shown, m.ties, m.bad, test.weight, test.shown, test.ties, test.bad)
		}
		if m.weight == 0 {
			continue
		}
		for _, rule := range []struct {
			outcome string
			want    float64
		}{{"win", test.win}, {"levels", test.levels}, {"share", test.share}} {
			if got := m.points(rule.outcome); math.Abs(got-rule.want) > 1e-12 {
				t.Errorf("%s: points by %s = %v; want %v", test.name, rule.outcome, got, rule.want)
			}
		}
	}
}

func TestCensus(t *testing.T) {
	const yaml = `models: [{name: A, model_id: a}, {name: B, model_id: b, samples: 2}, {name: F, answers: {path: f.jsonl}}]
judges: [{name: J, model_id: j}]
datasets: [{path: prompts.jsonl}]
`
	a := parseArena(t, t.TempDir(), yaml, Trial{})
	side := func(name string, k uint16) Side {
		for _, c := range a.Contestants {
			if c.Name == name {
				return Side{c.ID, k}
			}
		}
		t.Fatalf("no contestant %s", name)
		return Side{}
	}
	for _, test := range []struct {
		name     string
		there    []Side
		failed   []Side
		lost     []Side // failed for good
		verdicts int    // so many, the first of them invalid
		generate Count
		judge    JudgeCount
	}{
		{"nothing yet: a file's missing answer is not wanted, nor are its battles", nil, nil, nil, 0,
			Count{Wanted: 3, Pending: 3}, JudgeCount{Count: Count{Wanted: 4, Pending: 4, unready: 4}}},
		{"a failure is not pending", []Side{side("A", 0)}, []Side{side("B", 1)}, nil, 0,
			Count{Wanted: 3, Done: 1, Failed: 1, Pending: 1, again: 1}, JudgeCount{Count: Count{Wanted: 4, Pending: 4, unready: 4}}},
		{"battles of an answer that failed for good can never be", []Side{side("A", 0)}, nil, []Side{side("B", 1)}, 0,
			Count{Wanted: 3, Done: 1, Failed: 1, Pending: 1}, JudgeCount{Count: Count{Wanted: 4, Pending: 4, unready: 4, blocked: 2}}},
		{"a failure that was done since is none", []Side{side("A", 0)}, []Side{side("A", 0)}, nil, 0,
			Count{Wanted: 3, Done: 1, Pending: 2}, JudgeCount{Count: Count{Wanted: 4, Pending: 4, unready: 4}}},
		{"a file's answer is done, and brings battles", []Side{side("F", 0), side("A", 0)}, nil, nil, 0,
			Count{Wanted: 4, Done: 2, Pending: 2}, JudgeCount{Count: Count{Wanted: 10, Pending: 10, unready: 8}}},
		{"an invalid verdict is done", []Side{side("A", 0), side("B", 0), side("B", 1)}, nil, nil, 3,
			Count{Wanted: 3, Done: 3}, JudgeCount{Count: Count{Wanted: 4, Done: 3, Pending: 1}, Invalid: 1}},
	} {
		s := newSheet(Hash{})
		for _, x := range test.there {
			s.give(x, reply{})
		}
		for _, x := range test.failed {
			s.failed[string(AnswerKey{s.Prompt, x.Contestant, x.Sample}.bytes())] = failure{Reason: "cut"}
		}
		for _, x := range test.lost {
			s.failed[string(AnswerKey{s.Prompt, x.Contestant, x.Sample}.bytes())] = failure{Reason: "context_length", Permanent: true}
		}
		c := newCensus(a.pairing())
		addVerdicts(c, s, test.verdicts)
		c.see(s)
		generate, judged := c.totals()
		if generate != test.generate || judged != test.judge {
			t.Errorf("%s: generate %+v, judge %+v; want %+v, %+v", test.name, generate, judged, test.generate, test.judge)
		}
	}
}

// addVerdicts adds that many verdicts on contestants with calls to a sheet, the first of them invalid.
func addVerdicts(c *census, s *sheet, n int) {
	state := judge.Invalid
	for _, b := range c.pairing.of(s.Prompt) {
		if c.arena.absent(b.A, false) || c.arena.absent(b.B, false) {
			continue
		}
		for _, w := range c.pairing.judgments(s, b) {
			if len(s.verdicts) < n {
				s.judge(w.key(&s.wanted, b, texts(Digest{}, Digest{})), verdict{Verdict: judge.Verdict{State: state}})
				state = judge.Decided
			}
		}
	}
}

func TestCensusOfATrial(t *testing.T) {
	a := parseArena(t, t.TempDir(), strings.NewReplacer("JUDGING", "pairs: all", "SAMPLES", "1").Replace(fourModels),
		Trial{Models: map[string]bool{"A": true}})
	s := newSheet(Hash{})
	for _, c := range a.Contestants[2:] {
		s.give(Side{c.ID, 0}, reply{})
	}
	c := newCensus(a.pairing())
	c.see(s)
	// B has no answer and will get none: only A's battles with C and D can be had. K is A's own model and skips them.
	generate, judged := c.totals()
	if generate != (Count{Wanted: 1, Pending: 1}) || judged.Count != (Count{Wanted: 4, Pending: 4, unready: 4}) {
		t.Errorf("a trial of one model wants %+v and %+v; want its own answer and four judgments", generate, judged)
	}
}

// judge adds a verdict.
func (s *sheet) judge(k VerdictKey, v verdict) {
	raw := k.raw()
	i, _ := s.placeOfVerdict(raw)
	s.keys, s.verdicts = slices.Insert(s.keys, i, raw), slices.Insert(s.verdicts, i, v)
}
