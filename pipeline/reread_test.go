package pipeline

import (
	"bytes"
	"errors"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// oldParser is a version that is none any more.
const oldParser = judge.ParserVersion - 1

// outdated is a finished arena of one battle whose first verdict an old parser took for invalid.
func outdated(t *testing.T) (*world, *Arena, *store.DB, VerdictKey) {
	w := newWorld(t, fakellm.Options{AnswerBytes: 200}, 1)
	a, db := w.arena(`default_endpoint: {url: URL}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judges: [{name: Judge, model_id: judge, reask: 3}]
datasets: [{path: prompts.jsonl}]
`), w.open()
	run(t, a, db, both)
	first, _ := outermost(t, db)
	outdate(t, db, first, verdict{Parser: oldParser, Attempts: 1})
	w.server.Reset()
	return w, a, db, first
}

// outdate makes a database one that an old parser has read: a verdict is v, of these replies; without replies it keeps
// those it has.
func outdate(t *testing.T, db *store.DB, k VerdictKey, v verdict, replies ...string) {
	t.Helper()
	b := bulk{store: db}
	b.put(store.Verdicts, k.bytes(), v.meta(), nil)
	b.delete(store.Meta, readByKey(k.Judge))
	for i, text := range replies {
		words := newReply(&providers.Reply{Text: text, Finish: providers.FinishStop})
		b.delete(store.Judgments, k.attempt(uint8(i+1)))
		b.putOnce(store.Judgments, k.attempt(uint8(i+1)), words.meta(), words.body())
	}
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// verdictAt is the stored verdict; false if there is none.
func verdictAt(t *testing.T, db *store.DB, k VerdictKey) (verdict, bool) {
	t.Helper()
	rec, err := db.Get(t.Context(), store.Verdicts, k.bytes(), store.WithMeta)
	if errors.Is(err, store.ErrNotFound) {
		return verdict{}, false
	}
	if err != nil {
		t.Fatal(err)
	}
	v, err := parseVerdict(rec.Meta)
	if err != nil {
		t.Fatal(err)
	}
	return v, true
}

func TestReread(t *testing.T) {
	const parser = judge.ParserVersion
	old := func(attempts, level int) verdict {
		v := verdict{Parser: oldParser, Attempts: uint8(attempts)}
		if level != 0 {
			v.State, v.Level = judge.Decided, level
		}
		return v
	}
	for _, test := range []struct {
		why     string
		was     verdict
		replies []string
		n       int
		parser  uint8
		state   judge.State
		level   int
		reply   uint8 // the attempt that gives the verdict
	}{
		{"what the old parser could not read is read", old(1, 0), []string{"[[A>>B]]"}, 1, parser, judge.Decided, 2, 1},
		{"what it misread is read again", old(1, -2), []string{"[[A>B]]"}, 1, parser, judge.Decided, 1, 1},
		{"the last reply that says something counts", old(2, 0), []string{"[[B>A]]", "Well."}, 1, parser, judge.Decided, -1, 1},
		{"of two that say something the last counts", old(2, 2), []string{"[[A>B]]", "[[B>>A]]"}, 1, parser, judge.Decided, -2, 2},
		{"what nobody can read stays invalid, though more could be asked", old(2, 2), []string{"Well.", "Hm."}, 1, parser, judge.Invalid, 0, 2},
		{"what needed no call is left alone", old(0, 1), nil, 0, oldParser, judge.Decided, 1, 0},
		{"what a newer parser has read is left alone", verdict{Parser: parser + 1, Attempts: 1}, []string{"[[A>>B]]"}, 0, parser + 1, judge.Invalid, 0, 1},
	} {
		t.Run(test.why, func(t *testing.T) {
			w, a, db, k := outdated(t)
			outdate(t, db, k, test.was, test.replies...)
			n, err := a.Reread(t.Context(), db)
			v, _ := verdictAt(t, db, k)
			if err != nil || n != test.n || v.Parser != test.parser || v.State != test.state || v.Level != test.level || v.Attempts != test.reply {
				t.Errorf("Reread = %d, %v, and the verdict is %+v; want %+v", n, err, v, test)
			}
			outdate(t, db, k, v)
			if n, err := a.Reread(t.Context(), db); n != 0 || err != nil {
				t.Errorf("a second Reread = %d, %v; want nothing left to read", n, err)
			}
			run(t, a, db, both)
			if calls := w.server.Stats(false).Arrivals; calls != 0 {
				t.Errorf("%d calls were made", calls)
			}
		})
	}
}

func TestRereadWithoutWordsKeepsTheVerdict(t *testing.T) {
	_, a, db, k := outdated(t)
	was := verdict{Parser: oldParser, Attempts: 1, Verdict: judge.Verdict{State: judge.Decided, Level: 1}}
	outdate(t, db, k, was)
	var b store.Batch
	b.Delete(store.Judgments, k.attempt(1))
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if n, err := a.Reread(t.Context(), db); n != 0 || err != nil {
		t.Errorf("Reread = %d, %v; want 0", n, err)
	}
	if v, ok := verdictAt(t, db, k); !ok || v.Level != 1 {
		t.Errorf("the verdict is %+v, %t; want it as it was", v, ok)
	}
}

// A text that was replaced may come back, and with it the battles it fought.
func TestRereadOfATextThatIsNotThere(t *testing.T) {
	w, a, db, k := outdated(t)
	key := AnswerKey{k.Prompt, k.A.Contestant, k.A.Sample}.bytes()
	rec, err := db.Get(t.Context(), store.Answers, key, store.WithBody)
	if err != nil {
		t.Fatal(err)
	}
	meta, body := bytes.Clone(rec.Meta), bytes.Clone(rec.Body)
	replace := func(meta, body []byte) {
		b := bulk{store: db}
		b.delete(store.Answers, key)
		b.putOnce(store.Answers, key, meta, body)
		if err := b.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other := newReply(&providers.Reply{Text: "another", Finish: providers.FinishStop})
	replace(other.meta(), other.body())
	if n, err := a.Reread(t.Context(), db); n != 0 || err != nil {
		t.Fatalf("Reread = %d, %v; want 0", n, err)
	}
	replace(meta, body)
	run(t, a, db, both)
	if v, ok := verdictAt(t, db, k); !ok || v.Parser != judge.ParserVersion || v.State == judge.Invalid {
		t.Errorf("the verdict is %+v, %t; want one that was read from the stored reply", v, ok)
	}
	if calls := w.server.Stats(false).Arrivals; calls != 0 {
		t.Errorf("%d calls were made", calls)
	}
}

func TestKilledRereadGoesOn(t *testing.T) {
	_, a, db, k := outdated(t)
	if _, err := a.Reread(t.Context(), &dying{db, 0}); !errors.Is(err, errKilled) {
		t.Fatalf("Reread = %v; want it killed", err)
	}
	if n, err := a.Reread(t.Context(), db); n != 1 || err != nil {
		t.Errorf("the next Reread = %d, %v; want 1", n, err)
	}
	if v, _ := verdictAt(t, db, k); v.Parser != judge.ParserVersion {
		t.Errorf("the verdict is %+v", v)
	}
}
