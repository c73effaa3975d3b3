package fleet

import (
	"testing"
	"time"

	"openarena/pipeline"
)

// TestOutline: what a plan makes of one contestant's part and one judge's over the same prompts.
func TestOutline(t *testing.T) {
	now := time.Unix(1000, 0)
	at := func(s int) time.Time { return now.Add(time.Duration(s) * time.Second) }
	a, j := model{false, pipeline.ID{1}}, model{true, pipeline.ID{2}}
	var all pipeline.Part
	for i := range all.To {
		all.To[i] = 0xff
	}
	part := func(m model, s state) state {
		s.Part = pipeline.Part{Judge: m.judge, Who: m.who, From: all.From, To: all.To}
		return s
	}
	done := state{epoch: 2, complete: true, looked: at(-60), changed: at(-50)}
	for _, c := range []struct {
		why            string
		answers, words state
		served, given  []model
		due            int
		parts          int
		whole          bool
		deserted       int // parts that the plan looks at itself
	}{
		{"nobody has looked", state{}, state{}, []model{a, j}, nil, 2, 2, false, 0},
		{"an epoch ago all was done", state{epoch: 1, complete: true, looked: at(-60)}, state{epoch: 1, complete: true, looked: at(-60)}, []model{a, j}, nil, 2, 2, false, 0},
		{"all is done", done, done, []model{a, j}, nil, 0, 0, true, 0},
		{"answers came after the judge looked", done, state{epoch: 2, looked: at(-55)}, []model{a, j}, nil, 1, 1, false, 0},
		{"what the judge waits for never comes", done, state{epoch: 2, looked: at(-40)}, []model{a, j}, nil, 0, 0, true, 0},
		{"answers are left", state{epoch: 2, remaining: 3, looked: at(-5), changed: at(-4)}, state{epoch: 2, looked: at(-2)}, []model{a, j}, nil, 1, 2, false, 0},
		{"a judge looks again while somebody answers", state{epoch: 2, remaining: 3, looked: at(-60), changed: at(-60), held: true}, state{epoch: 2, looked: at(-30)}, []model{a, j}, nil, 2, 2, false, 0},
		{"the contestant was given up", state{epoch: 2, remaining: 3, looked: at(-60), changed: at(-60)}, state{epoch: 2, looked: at(-30)}, []model{j}, []model{a}, 1, 2, true, 0},
		{"nobody has taken its parts yet", state{epoch: 2, remaining: 3, looked: at(-60), changed: at(-60)}, state{epoch: 2, looked: at(-30)}, []model{j}, nil, 1, 2, false, 0},
		{"nobody takes what was all done an epoch ago", state{epoch: 1, complete: true, looked: at(-60)}, done, []model{j}, nil, 1, 1, false, 1},
		{"nobody takes what the judge has not seen", done, state{epoch: 2, looked: at(-55)}, []model{a}, nil, 1, 1, false, 1},
	} {
		o := newOutline(2, now, []state{part(a, c.answers), part(j, c.words)}, map[model][]model{j: {a}})
		for _, m := range c.served {
			o.served[queueOf(m.judge, m.who)] = true
		}
		for _, m := range c.given {
			o.given[queueOf(m.judge, m.who)] = true
		}
		if n := len(o.deserted()); n != c.deserted {
			t.Errorf("%s: %d parts are deserted; want %d", c.why, n, c.deserted)
		}
		due, look := o.plan()
		if len(due) != c.due || look.Parts != c.parts || look.Whole != c.whole {
			t.Errorf("%s: plan = %d due, %d parts open, finished %t; want %d, %d, %t", c.why, len(due), look.Parts, look.Whole, c.due, c.parts, c.whole)
		}
	}
}

func TestPartArgs(t *testing.T) {
	p := pipeline.Part{Judge: true, Who: pipeline.ID{1, 2}, From: pipeline.Hash{3}, To: pipeline.Hash{4}}
	if got, err := argsOf(p).part(); err != nil || got != p {
		t.Errorf("part(argsOf(%v)) = %v, %v", p, got, err)
	}
	if _, err := (partArgs{Who: "01", From: p.From.String(), To: p.To.String()}).part(); err == nil {
		t.Error("an identity of the wrong length was taken")
	}
}
