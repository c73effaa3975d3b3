package pipeline

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// filled is a world whose database holds all work of that many prompts, four models and one judge: 16 records a prompt,
// each answer of so many bytes. It was written without any call.
func filled(t testing.TB, prompts, answer int) (*Arena, *store.DB) {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	db := w.open()
	return w.fill(db, spanArena, prompts, sameProse(answer)), db
}

// sameProse are answers of so many bytes that hardly differ.
func sameProse(size int) func(Hash, int) string {
	prose := strings.Repeat("It depends; here is why, with an example. ", size/42)
	return func(prompt Hash, model int) string { return fmt.Sprintf("%d on %s. %s", model, prompt, prose) }
}

// fill writes all work of an arena into a database: no call is made, and answer says what the models answered.
func (w *world) fill(db *store.DB, yaml string, prompts int, answer func(prompt Hash, model int) string) *Arena {
	t := w.t
	t.Helper()
	w.write("prompts.jsonl", promptLines(0, prompts))
	yaml = strings.ReplaceAll(yaml, "URL", "http://127.0.0.1:1/v1")
	w.write("arena.yaml", yaml)
	a := w.arena(yaml)
	mustSync(t, a, db)
	all, err := a.listings(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	p := a.pairing()
	var b store.Batch
	n := 0
	for w, err := range a.wanted(t.Context(), db, all, everything) {
		if err != nil {
			t.Fatal(err)
		}
		digests := map[Side]Digest{}
		for i, c := range a.Contestants {
			r := newReply(&providers.Reply{Text: answer(w.Prompt, i), Finish: providers.FinishStop, Usage: providers.Usage{Input: 100, Output: 500}})
			b.PutOnce(store.Answers, AnswerKey{Prompt: w.Prompt, Contestant: c.ID}.bytes(), r.meta(), r.body())
			digests[Side{c.ID, 0}] = r.Digest
		}
		for _, pair := range p.of(w.Prompt) {
			for _, j := range p.judgments(&sheet{wanted: w}, pair) {
				v := verdict{Parser: judge.ParserVersion, Attempts: 1, Verdict: judge.Verdict{
					State: judge.Decided, Level: int(w.Prompt[0]%2)*2 - 1, ScoreA: ptr(7), ScoreB: ptr(4), Method: judge.MethodJSON,
				}}
				key := j.key(&w, pair, texts(digests[pair.A], digests[pair.B]))
				if key.Order == 1 { // the same answer wins in its other place
					v.Level, v.ScoreA, v.ScoreB = -v.Level, v.ScoreB, v.ScoreA
				}
				b.PutOnce(store.Verdicts, key.bytes(), v.meta(), nil)
			}
		}
		if n++; n%100 == 0 || n == prompts {
			if _, err := db.Apply(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			b = store.Batch{}
		}
	}
	return a
}

// BenchmarkWalk is what reading commands take for each record of a finished arena.
func BenchmarkWalk(b *testing.B) {
	const prompts = 5000
	a, db := filled(b, prompts, 0)
	for _, command := range []struct {
		name string
		do   func(r store.Reader) error
	}{
		{"status", func(r store.Reader) error { _, err := a.Status(b.Context(), r, false); return err }},
		{"rate", func(r store.Reader) error { _, err := a.Rate(b.Context(), r); return err }},
	} {
		b.Run(command.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				snapshot, err := db.Snapshot(b.Context())
				if err == nil {
					err = command.do(snapshot)
				}
				if err != nil {
					b.Fatal(err)
				}
				snapshot.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(16*prompts), "ns/record")
		})
	}
}

// BenchmarkMissing is what it takes one contestant or judge to find that nothing is missing among a million records, over
// one bare walk along the same keys ("x/walk"), and by how much the heap grows meanwhile ("heap-MB").
func BenchmarkMissing(b *testing.B) {
	const prompts = 62_500
	a, db := filled(b, prompts, 0)
	r, err := newRunner(b.Context(), a, db, both, (&scripted{}).connect)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []*callee{r.callees[0], r.callees[len(r.callees)-1]} {
		b.Run(c.name, func(b *testing.B) {
			buckets, find := []store.Bucket{store.Answers}, c.feed
			if s, ok := c.stage.(*judgeStage); ok {
				buckets = append(buckets, store.Verdicts)
				find = func(ctx context.Context) error { return s.walk(ctx, everything) }
			}
			var bare, found durations
			for b.Loop() {
				start := time.Now()
				walkKeys(b, a, r, buckets)
				bare = append(bare, time.Since(start))
				start = time.Now()
				if err := find(b.Context()); err != nil {
					b.Fatal(err)
				}
				found = append(found, time.Since(start))
			}
			b.ReportMetric(float64(found.least())/float64(bare.least()), "x/walk")
			b.ReportMetric(float64(heapOf(b, find))/(1<<20), "heap-MB")
		})
	}
}

// walkKeys walks along the keys of the wanted prompts and of the buckets, one after the other.
func walkKeys(b *testing.B, a *Arena, r *Runner, buckets []store.Bucket) {
	b.Helper()
	walk := func(bk store.Bucket, keys store.Range) {
		for _, err := range r.store.Scan(b.Context(), bk, keys, store.KeyOnly) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	walk(store.Datasets, store.Prefix(listingKey(kindMember, r.listings[0].Version, nil)))
	for _, bk := range buckets {
		walk(bk, store.Range{})
	}
}

// heapOf is the most bytes that the heap grew by while do ran.
func heapOf(b *testing.B, do func(context.Context) error) (most uint64) {
	b.Helper()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	done := make(chan error)
	go func() { done <- do(b.Context()) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if err != nil {
				b.Fatal(err)
			}
			return most
		case <-tick.C:
			runtime.ReadMemStats(&now)
			if now.HeapAlloc > before.HeapAlloc {
				most = max(most, now.HeapAlloc-before.HeapAlloc)
			}
		}
	}
}
