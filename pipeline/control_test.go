package pipeline

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"openarena/pipeline/judge"
	"openarena/pipeline/rating"
	"openarena/providers"
	"openarena/store"
)

// TestShowings: each order of a battle is decided by the panel's rule from what was said of it alone.
func TestShowings(t *testing.T) {
	const cascade = "panel: {mode: cascade}"
	for _, test := range []struct {
		why, judges, judging, said string
		want                       string // level and lead of each showing
	}{
		{"one judge, both orders", "J", "", "J + -", "1 by +1, -1 by -1"},
		{"one order only", "J", "", "J . -", "-1 by -1"},
		{"what cannot be read says nothing", "J", "", "J ? +", "1 by -1"},
		{"the mean of two, weighted", "J K", "", "J + -, K + +", "1 by +1, 0.3333 by -1"},
		{"who was not asked in one order is not heard there", "J K", "", "J + +, K - .", "-0.3333 by +1, 1 by -1"},
		{"majority in each order", "J K L", "panel: {mode: majority}", "J + -, K + -, L - +", "0 by +1, 0 by -1"},
		{"a majority changes with the order", "J K L", "panel: {mode: majority}", "J + +, K - +, L - -", "-1 by +1, 0 by -1"},
		{"a cascade that ends with the first", "J K", cascade, "J + +", "1 by +1, 1 by -1"},
		{"the last word in each order", "J K", cascade, "J + -, K - -", "-1 by +1, -1 by -1"},
		{"the last word is that of who said one", "J K", cascade, "J + -, K - ?", "-1 by +1, -1 by -1"},
		{"an open cascade has not decided", "J K", cascade, "J + -", ""},
		{"a replacement speaks for both orders", "J s", "panel: {SPARES}", "J + ?, s - -", "-1 by +1, -1 by -1"},
		{"min_valid in each order", "J K", "panel: {min_valid: 2}", "J + +, K + ?", "1 by +1"},
		{"where no order has enough, they count together", "J K", "panel: {min_valid: 2}", "J + ?, K ? +", "1 by -0.3333"},
		{"nothing said", "J", "", "", ""},
	} {
		a := panelOf(t, test.judges, test.judging)
		s, b := twoSheet(a, saidBy(test.said))
		p := a.pairing()
		voices, _, open := p.voices(s, b, nil)
		battle, weight := rating.Battle{Weight: 1}, 0.0
		c := newControl([]string{rating.Position})
		c.measure(&battle, s, b, "win", func() []showing { return p.panel.showings(voices, open) })
		for _, part := range battle.Parts {
			weight += part.Weight
		}
		if test.want != "" && weight != 1 {
			t.Errorf("%s: its parts weigh %v; want 1", test.why, weight)
		}
		var got []string
		for _, one := range p.panel.showings(voices, open) {
			lead := fmt.Sprintf("%+.4g", one.lead)
			got = append(got, fmt.Sprintf("%.4g by %s", one.level, lead))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("%s: %s shows %q; want %q", test.why, test.said, got, test.want)
		}
	}
}

// TestShowingsOfSingleAnswers: a judge who sees one answer at a time says the same of both orders, and was shown none.
func TestShowingsOfSingleAnswers(t *testing.T) {
	single := opinion{judge: &Judge{alone: true}, weight: 3, level: -1, valid: 1}
	pair := opinion{judge: &Judge{}, weight: 1, level: 1, valid: 2}
	for order := range pair.said {
		level := 1 - 2*order // of the first: A in both orders
		pair.said[order] = &verdict{Verdict: judge.Verdict{State: judge.Decided, Level: level}}
	}
	if got := lone.showings([]opinion{single}, false); len(got) != 1 || got[0].level != -1 || got[0].lead != 0 {
		t.Errorf("alone it is %+v; want one showing of -1 without a lead", got)
	}
	got := lone.showings([]opinion{pair, single}, false)
	if len(got) != 2 || got[0].level != -0.5 || got[1].level != -0.5 || got[0].lead != 0.25 || got[1].lead != -0.25 {
		t.Errorf("beside one of pairs it is %+v; want -0.5 twice, with leads of 0.25 and -0.25", got)
	}
}

// swayed are models of known strength, which write at some length, and a judge who likes long answers, or the first, more than
// he should.
type swayed struct {
	scripted
	strength map[string]float64 // by model ID
	length   map[string]int
	long     float64 // what twice as long, or half, is worth, times 3
	first    float64
}

func newSwayed(long, first float64) *swayed {
	s := &swayed{
		strength: map[string]float64{"best": 1.2, "good": 0.4, "fair": -0.4, "poor": -1.2},
		length:   map[string]int{"best": 60, "good": 90, "fair": 160, "poor": 300},
		long:     long, first: first,
	}
	s.say = s.speak
	return s
}

const swayedArena = `default_endpoint: {url: URL, concurrency: 16}
models: [{name: poor, model_id: poor}, {name: fair, model_id: fair}, {name: good, model_id: good}, {name: best, model_id: best}]
judges: [{name: Judge, model_id: judge, analysis: none}]
datasets: [{path: prompts.jsonl}]
`

func (s *swayed) speak(r *providers.Request) string {
	d := sum[Digest]([]byte(r.Model), fmt.Append(nil, r.Messages))
	dice := rand.New(rand.NewPCG(uint64(d[0])|uint64(d[1])<<8|uint64(d[2])<<16, uint64(d[3])|uint64(d[4])<<8))
	if r.Model != "judge" {
		n := int(float64(s.length[r.Model]) * math.Exp(dice.NormFloat64()*0.7))
		return fmt.Sprintf("[%s]", r.Model) + strings.Repeat("x", n)
	}
	text := fmt.Sprint(r.Messages)
	a, lenA := s.shown(text, "answer_a")
	b, lenB := s.shown(text, "answer_b")
	chance := 1 / (1 + math.Exp(b-a-s.first-s.long*float64(lenA-lenB)/float64(lenA+lenB)))
	if dice.Float64() < chance {
		return `{"score_a": 8, "score_b": 4, "verdict": "A>B"}`
	}
	return `{"score_a": 4, "score_b": 8, "verdict": "B>A"}`
}

// shown is the strength of who wrote an answer, and its length.
func (s *swayed) shown(text, tag string) (strength float64, length int) {
	_, text, _ = strings.Cut(text, "<"+tag)
	_, text, _ = strings.Cut(text, "[")
	text, _, _ = strings.Cut(text, "</"+tag)
	model, _, _ := strings.Cut(text, "]")
	return s.strength[model], len(strings.TrimSpace(text))
}

// run judges n prompts, and returns where it lies.
func (s *swayed) run(t *testing.T, yaml string, n int) (*world, *store.DB) {
	t.Helper()
	w, _, db, _ := runWhole(t, yaml, n, s.connect)
	return w, db
}

func board(t *testing.T, a *Arena, db *store.DB) *rating.Leaderboard {
	t.Helper()
	l, err := a.Rate(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// order are the models of a leaderboard, best first, and off is how far the farthest rating is from the truth, in standard errors.
func (s *swayed) order(l *rating.Leaderboard) (order string, off float64) {
	for _, r := range l.Ratings {
		order += r.Model + " "
		se := (*r.Upper - *r.Lower) / 2 / 1.96
		off = max(off, math.Abs(*r.Rating-1000-s.strength[r.Model]*400/math.Ln10)/se)
	}
	return strings.TrimSpace(order), off
}

// TestControl: what sways a judge is taken out of the ratings, and without control nothing changes.
func TestControl(t *testing.T) {
	const truth = "best good fair poor"
	for _, test := range []struct {
		why         string
		long, first float64
		judging     string
		control     string
	}{
		{"a judge who likes length", 4, 0, "{}", "length"},
		{"a judge who likes what comes first, and the best came last", 0, 2, "{orders: fixed}", "position"},
		{"both at once", 3, 1, "{orders: random}", "length, position"},
	} {
		s := newSwayed(test.long, test.first)
		yaml := swayedArena + "judging: " + test.judging + "\n"
		w, db := s.run(t, yaml, 60)
		plain := board(t, w.arena(yaml), db)
		if order, off := s.order(plain); order == truth || off < 4 {
			t.Errorf("%s: the ratings are %s, off by %.1f standard errors, without control: nothing is to be mended", test.why, order, off)
		}
		t.Log(s.order(plain))
		controlled := board(t, w.arena(yaml+"rating: {control: ["+test.control+"]}\n"), db)
		if order, off := s.order(controlled); order != truth || off > 3 {
			t.Errorf("%s: the ratings are %s, off by %.1f standard errors, with control; want %s", test.why, order, off, truth)
		}
		t.Log(s.order(controlled))
		for _, e := range controlled.Effects {
			truth := map[string]float64{rating.Length: test.long, rating.Position: test.first}[e.Name]
			if math.Abs(*e.Coefficient-truth) > 3**e.CoefficientSE || *e.CoefficientSE > truth/6 || math.Abs(*e.Points-*e.Coefficient*400/math.Ln10) > 1e-9 {
				t.Errorf("%s: %s is worth %v ± %v, in points %v; want %v", test.why, e.Name, *e.Coefficient, *e.CoefficientSE, *e.Points, truth)
			}
		}
		if controlled.Battles != plain.Battles || controlled.Prompts != plain.Prompts {
			t.Errorf("%s: control has %d battles on %d prompts of %d on %d", test.why, controlled.Battles, controlled.Prompts, plain.Battles, plain.Prompts)
		}
		for i, r := range controlled.Ratings {
			for _, p := range plain.Ratings {
				if r.Model == p.Model && (*r.Elo != *p.Elo || *r.WinRate != *p.WinRate || r.Battles != p.Battles || r.Ties != p.Ties) {
					t.Errorf("%s: with control the line of %s counts otherwise: %+v; without it %+v", test.why, r.Model, controlled.Ratings[i], p)
				}
			}
		}
	}
}
