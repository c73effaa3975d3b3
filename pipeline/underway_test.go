package pipeline

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"openarena/store"
)

// TestUnderway: a part is counted while it is worked on, in the middle of a slice, exactly.
func TestUnderway(t *testing.T) {
	gate := make(chan struct{})
	w, s := &world{t: t, dir: t.TempDir()}, &scripted{hook: func(_ context.Context, _ string, n int) {
		if n > 2 {
			<-gate
		}
	}}
	w.write("prompts.jsonl", promptLines(0, 200))
	a := w.arena(plain)
	db := w.open()
	mustSync(t, a, db)
	r := serving(t, a, db, s.connect)
	p := busiest(t, a, r, db, "Alpha")
	ended := make(chan PartResult)
	go func() {
		got, err := r.Work(t.Context(), p)
		if err != nil {
			t.Errorf("Work() = %v", err)
		}
		ended <- got
	}()
	var now []Underway
	for len(now) == 0 || now[0].Done < 2 { // two calls come back; the others wait
		time.Sleep(time.Millisecond)
		now = r.Underway()
	}
	close(gate)
	got := <-ended
	if len(now) != 1 || now[0] != (Underway{Part: p, Wanted: got.Wanted, Done: 2}) || got.Wanted < 5 {
		t.Errorf("Underway() = %+v after two calls; want two of %d done in part %+v", now, got.Wanted, p)
	}
	if len(r.Underway()) > 0 {
		t.Errorf("Underway() = %+v when nothing is", r.Underway())
	}
}

// TestRunningCount: what comes while a survey walks is counted once, by the survey or beside it; what failed before and is done now
// changes sides.
func TestRunningCount(t *testing.T) {
	var c running
	check := func(when string, done, failed int64, known bool) {
		t.Helper()
		if u, ok := c.now(); u.Done != done || u.Failed != failed || ok != known {
			t.Errorf("%s: %d done, %d failed, %t; want %d, %d, %t", when, u.Done, u.Failed, ok, done, failed, known)
		}
	}
	c.surveying()
	c.add(true, false) // found missing, asked for and done while the survey goes on
	check("before it was surveyed", 1, 0, false)
	c.surveyed(PartResult{Wanted: 10, Done: 3, Failed: 2})
	check("after the first survey", 4, 2, true)
	c.add(true, true)
	c.add(false, true)
	c.add(false, false)
	check("after more tasks", 5, 2, true)
	c.surveying()
	check("while it is surveyed again", 5, 2, true)
	c.add(true, false)
	check("with a task in that survey", 6, 2, true)
	c.surveyed(PartResult{Wanted: 10, Done: 5, Failed: 2})
	check("after the second survey", 6, 2, true)
}

// pages counts the keys of answers that are read of a store.
type pages struct {
	store.Store
	answers, others atomic.Int64
	who             ID
}

// ReadPage implements store.Pager.
func (p *pages) ReadPage(ctx context.Context, page *store.Page, bk store.Bucket, r store.Range, want store.Fields, n int) error {
	at, is := r.Only()
	for rec, err := range p.Scan(ctx, bk, r, want) {
		if err != nil {
			return err
		}
		if is != nil && (len(rec.Key) < at+len(is) || !slices.Equal(rec.Key[at:at+len(is)], is)) {
			continue
		}
		if n--; n < 0 {
			page.More()
			break
		}
		if page.Add(rec); bk == store.Answers {
			if p.answers.Add(1); ID(rec.Key[hashSize:hashSize+idSize]) != p.who {
				p.others.Add(1)
			}
		}
	}
	return nil
}

// TestSurveyReadsItsOwn: a contestant's survey reads the keys of its own answers, and none of the others'.
func TestSurveyReadsItsOwn(t *testing.T) {
	_, a, db, _ := runWhole(t, plain, 40, (&scripted{}).connect)
	counted := &pages{Store: db, who: a.Contestants[1].ID}
	r, err := newRunner(t.Context(), a, counted, parts, (&scripted{}).connect)
	if err != nil {
		t.Fatal(err)
	}
	g, _, err := r.stageOf(Part{Who: counted.who})
	if err != nil {
		t.Fatal(err)
	}
	counted.answers.Store(0)
	counted.others.Store(0)
	st := &stint{run: r, span: everything, ctx: t.Context(), asked: map[string]bool{}}
	if err := g.survey(t.Context(), st); err != nil || st.result.Done != 40 {
		t.Fatalf("survey() found %+v, %v; want 40 done", st.result, err)
	}
	if counted.answers.Load() != 40 || counted.others.Load() != 0 {
		t.Errorf("it read %d keys of answers, %d of others; want 40 and none", counted.answers.Load(), counted.others.Load())
	}
}
