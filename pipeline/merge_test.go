package pipeline

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/pipeline/rating"
	"openarena/store"
)

// opens is another database of the world.
func (w *world) opens(name string) *store.DB {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), filepath.Join(w.dir, name), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { db.Close() })
	return db
}

// sharded runs all shards of an arena, each in a database of its own.
func (w *world) sharded(yaml string, n int) (all []MergeSource) {
	w.t.Helper()
	for i := 1; i <= n; i++ {
		s := Shard{i, n}
		db := w.opens("shard-" + s.FileWord() + ".db")
		if err := s.Claim(w.t.Context(), db); err != nil {
			w.t.Fatal(err)
		}
		run(w.t, w.trial(yaml, Trial{Shard: s}), db, both)
		all = append(all, MergeSource{s.FileWord(), db})
	}
	return all
}

func merge(t testing.TB, to store.Store, sources ...MergeSource) *Merged {
	t.Helper()
	m, err := Merge(t.Context(), to, sources, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// copied adds up the buckets of a merge.
func copied(m *Merged) (n, there, conflicts int64) {
	for _, b := range m.Buckets {
		n, there, conflicts = n+b.Copied, there+b.There, conflicts+b.Conflicts
	}
	return n, there, conflicts
}

// TestMergedShardsAreOneRun: the shards of an arena, merged in whatever order, are what one machine makes of it.
func TestMergedShardsAreOneRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 24)
	one := w.open()
	a := w.arena(plain)
	run(t, a, one, both)
	shards := w.sharded(plain, 4)
	for i, order := range [][]int{{0, 1, 2, 3}, {2, 0, 3, 1}} {
		to := w.opens(fmt.Sprintf("merged%d.db", i))
		var sources []MergeSource
		for _, at := range order {
			sources = append(sources, shards[at])
		}
		m := merge(t, to, sources...)
		if _, _, conflicts := copied(m); conflicts > 0 || m.Uncounted > 0 || len(m.Notes) > 0 {
			t.Errorf("order %v: %d conflicts, %d judgments not counted, notes %q; want none", order, conflicts, m.Uncounted, m.Notes)
		}
		if got, want := dump(t, to), dump(t, one); got != want {
			t.Errorf("order %v: the dump is not that of one run\n%s", order, firstDifference(got, want))
		}
		wantDone(t, a, to, 72, 144)
		w.server.Reset()
		run(t, a, to, both)
		if calls := w.server.Stats(false).Arrivals; calls != 0 {
			t.Errorf("order %v: a run on the merged database makes %d calls; want none", order, calls)
		}
		if again := merge(t, to, shards...); again.Buckets[0].Copied > 0 || dump(t, to) != dump(t, one) {
			t.Errorf("order %v: a second merge changes something: %+v", order, again)
		}
	}
}

// TestShardsCallOnce: a shard asks for its own prompts only, counts them only, and its part of the arena is what plan says.
func TestShardsCallOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 24)
	var prompts, answers int64
	for i, s := range w.sharded(plain, 3) {
		a := w.trial(plain, Trial{Shard: Shard{i + 1, 3}})
		st := status(t, a, s.Reader)
		if st.Prompts == 0 || st.Generate.Pending+st.Judge.Pending > 0 {
			t.Errorf("shard %s has %d prompts and %+v; want some, all done", s.Name, st.Prompts, st.Generate)
		}
		prompts, answers = prompts+st.Prompts, answers+st.Generate.Done
		p, err := a.Plan(t.Context(), s.Reader, false)
		if err != nil || p.Prompts != st.Prompts || p.Total.Calls != 0 {
			t.Errorf("the plan of shard %s has %d prompts and %d calls, %v; want %d and none", s.Name, p.Prompts, p.Total.Calls, err, st.Prompts)
		}
	}
	if prompts != 24 || answers != 72 {
		t.Errorf("all shards have %d prompts and %d answers; want 24 and 72", prompts, answers)
	}
	if calls := w.server.Stats(false).Arrivals; calls != 72+144 {
		t.Errorf("all shards make %d calls; want %d", calls, 72+144)
	}
}

// TestShardClaims: a database is that of one shard, or of everything.
func TestShardClaims(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 3)
	db := w.open()
	first, second := Shard{1, 2}, Shard{2, 2}
	for _, step := range []struct {
		shard Shard
		ok    bool
	}{{first, true}, {first, true}, {second, false}, {Shard{}, false}, {Shard{1, 3}, false}} {
		err := step.shard.Claim(t.Context(), db)
		if (err == nil) != step.ok || err != nil && !errors.Is(err, ErrOtherShard) {
			t.Errorf("Claim of %v = %v; want it to succeed: %t", step.shard, err, step.ok)
		}
	}
	whole := w.opens("whole.db")
	if err := (Shard{}).Claim(t.Context(), whole); err != nil {
		t.Errorf("Claim of everything = %v; want none", err)
	}
	run(t, w.arena(plain), whole, Job{Generate: true})
	if err := first.Claim(t.Context(), whole); !errors.Is(err, ErrOtherShard) {
		t.Errorf("Claim of a shard in the database of everything = %v; want %v", err, ErrOtherShard)
	}
}

// TestMergeKeepsFirst: of different texts under one key the first stays; what was judged of the other is there, and counts for nothing.
func TestMergeKeepsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 4)
	a := w.arena(plain)
	one, other := w.open(), w.opens("other.db")
	run(t, a, one, both)
	v := newWorld(t, fakellm.Options{AnswerBytes: 300}, 4) // other words
	run(t, v.arena(plain), other, both)
	alone := dump(t, one)
	board := status(t, a, one).Ratings
	to := w.opens("to.db")
	m := merge(t, to, MergeSource{"one", one}, MergeSource{"other", other})
	answers, verdicts := bucketOf(m, store.Answers), bucketOf(m, store.Verdicts)
	if answers.Copied != 12 || answers.Conflicts != 12 || answers.There != 0 {
		t.Errorf("answers: %+v; want 12 copied and 12 conflicts", answers)
	}
	if verdicts.Copied != 48 || m.Uncounted != 24 {
		t.Errorf("verdicts: %+v, %d not counted; want those of both kept, and 24 not counted", verdicts, m.Uncounted)
	}
	st := status(t, a, to)
	if st.Judge.Done != 24 || !slices.EqualFunc(st.Ratings, board, func(x, y rating.Rating) bool {
		return x.Model == y.Model && *x.Rating == *y.Rating && x.Battles == y.Battles
	}) {
		t.Errorf("the merged database counts %d judgments and rates %+v; want 24 and those of the first, %+v", st.Judge.Done, st.Ratings, board)
	}
	// Both were paid for.
	if paid, first := st.Tokens.Input, status(t, a, one).Tokens.Input+status(t, a, other).Tokens.Input; paid != first {
		t.Errorf("%d tokens were paid for; want those of both, %d", paid, first)
	}
	if dump(t, one) != alone {
		t.Error("a source was changed")
	}
}

func bucketOf(m *Merged, bk store.Bucket) MergedBucket {
	for _, b := range m.Buckets {
		if b.Bucket == bk {
			return b
		}
	}
	return MergedBucket{}
}

// halting fails at its n-th commit: before it is made, or after.
type halting struct {
	store.Store
	left  int
	after bool
}

var errHalted = errors.New("halted")

func (h *halting) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	if h.left--; h.left > 0 {
		return h.Store.Apply(ctx, b)
	}
	if h.left == 0 && h.after {
		if _, err := h.Store.Apply(ctx, b); err != nil {
			return store.Result{}, err
		}
	}
	return store.Result{}, errHalted
}

// TestMergeGoesOn has merges die at every one of their commits, one after the other on one target.
func TestMergeGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 8)
	one := w.open()
	run(t, w.arena(plain), one, both)
	shards := w.sharded(plain, 2)
	for _, after := range []bool{false, true} {
		to, deaths := w.opens(fmt.Sprintf("merged%t.db", after)), 0
		for n := 1; ; n++ {
			_, err := Merge(t.Context(), &halting{to, n, after}, shards, nil)
			if err == nil {
				break
			}
			if deaths++; !errors.Is(err, errHalted) || n > 1000 {
				t.Fatalf("Merge that dies at commit %d = %v; want %v", n, err, errHalted)
			}
		}
		if deaths < 5 {
			t.Errorf("the merge died %d times; want several commits to die at", deaths)
		}
		if got, want := dump(t, to), dump(t, one); got != want {
			t.Errorf("after %d deaths the dump is not that of one run\n%s", deaths, firstDifference(got, want))
		}
	}
}

// TestMergeCountsOnce: a source that grew is added by what it grew, and on whatever way it comes.
func TestMergeCountsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 8)
	one := w.open()
	run(t, w.arena(plain), one, both)
	grown := w.opens("grown.db")
	run(t, w.arena(plain), grown, Job{Generate: true})
	first, second := w.opens("first.db"), w.opens("second.db")
	merge(t, first, MergeSource{"grown", grown})
	run(t, w.arena(plain), grown, both)
	merge(t, first, MergeSource{"grown", grown})
	if got, want := dump(t, first), dump(t, one); got != want {
		t.Errorf("a source that grew is not added by the difference\n%s", firstDifference(got, want))
	}
	merge(t, second, MergeSource{"first", first}, MergeSource{"grown", grown}, MergeSource{"first", first})
	merge(t, first, MergeSource{"second", second})
	for name, db := range map[string]*store.DB{"first": first, "second": second} {
		if got, want := dump(t, db), dump(t, one); got != want {
			t.Errorf("%s counts twice what came on two ways\n%s", name, firstDifference(got, want))
		}
	}
}

// TestMergeRules is the table of docs/scale.md for what is no plain PutOnce.
func TestMergeRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 2)
	a := w.arena(plain)
	full := w.opens("full.db")
	run(t, a, full, both)
	var answered, judged []byte
	for rec := range full.Scan(t.Context(), store.Answers, store.Range{}, store.KeyOnly) {
		answered = slices.Clone(rec.Key)
	}
	for rec := range full.Scan(t.Context(), store.Verdicts, store.Range{}, store.KeyOnly) {
		judged = slices.Clone(rec.Key)
	}
	temporary, permanent := failure{Reason: "rate", Tries: 1}, failure{Permanent: true, Reason: "context_length", Tries: 1}
	open := slices.Clone(answered)
	open[0] ^= 0xff
	x, y := w.opens("x.db"), w.opens("y.db")
	put := func(db *store.DB, bk store.Bucket, key, meta, body []byte) {
		t.Helper()
		var b store.Batch
		b.Put(bk, key, meta, body)
		if _, err := db.Apply(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	put(x, store.Failures, open, temporary.meta(), []byte("x"))
	put(y, store.Failures, open, permanent.meta(), []byte("y"))
	put(x, store.Failures, answered, permanent.meta(), nil)
	put(x, store.Failures, judged, permanent.meta(), nil)
	put(x, store.Retired, []byte("taken back"), nil, []byte("x"))
	put(y, store.Retired, []byte("taken back"), nil, []byte("y"))
	put(x, store.Meta, paceKey("http://a"), nil, []byte("x"))
	put(y, store.Meta, paceKey("http://a"), nil, []byte("y"))
	put(y, store.Meta, paceKey("http://b"), nil, []byte("y"))
	put(x, store.Meta, stoppedKey, nil, []byte(`["x"]`))
	put(x, store.Meta, ledgerKey, []byte{0, 0, 0, 0, 0, 0, 0, 16}, nil)
	put(x, store.Meta, shardKey, nil, []byte("1/3"))
	put(x, store.Batches, batchKey(1), nil, []byte("x"))
	put(y, store.Batches, batchKey(1), nil, []byte("y"))
	to := w.opens("to.db")
	m := merge(t, to, MergeSource{"x", x}, MergeSource{"y", y}, MergeSource{"full", full})

	for _, row := range []struct {
		what      string
		bucket    store.Bucket
		key       []byte
		body      string // "-": not there
		conflicts int64
	}{
		{"a failure for good stands above one that is tried again", store.Failures, open, "y", 1},
		{"a failure of what another has answered goes", store.Failures, answered, "-", 1},
		{"and one of what another has judged", store.Failures, judged, "-", 1},
		{"what was taken back: the first stays", store.Retired, []byte("taken back"), "x", 1},
		{"batches: the first stays", store.Batches, batchKey(1), "x", 1},
		{"what was learnt: the first stays, and is no conflict", store.Meta, paceKey("http://a"), "x", 0},
		{"what only one has learnt", store.Meta, paceKey("http://b"), "y", 0},
		{"why the last run stopped is its own matter", store.Meta, stoppedKey, "-", 0},
		{"whose shard it is", store.Meta, shardKey, "-", 0},
		{"what a run that died may have lost is in the totals", store.Meta, ledgerKey, "-", 0},
	} {
		rec, err := to.Get(t.Context(), row.bucket, row.key, store.WithBody)
		got := string(rec.Body)
		if errors.Is(err, store.ErrNotFound) {
			got = "-"
		}
		if got != row.body || bucketOf(m, row.bucket).Conflicts != row.conflicts {
			t.Errorf("%s: %q, %d conflicts; want %q, %d", row.what, got, bucketOf(m, row.bucket).Conflicts, row.body, row.conflicts)
		}
	}
	if m.Settled != 2 {
		t.Errorf("%d failures were settled; want 2", m.Settled)
	}
	lost, err := to.Get(t.Context(), store.Totals, lostKey, store.WithMeta)
	if err != nil || store.Counter(lost) != 16 {
		t.Errorf("possibly lost: %d, %v; want 16", store.Counter(lost), err)
	}
	if len(m.Notes) != 1 || !strings.Contains(m.Notes[0], "shards 2/3, 3/3") {
		t.Errorf("notes are %q; want one about shards 2/3 and 3/3", m.Notes)
	}
}

// TestMergeNewerParser: verdicts that an older parser read are looked at once more.
func TestMergeNewerParser(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 4)
	a := w.arena(plain)
	shards := w.sharded(plain, 2)
	if _, err := a.Reread(t.Context(), shards[0].Reader.(store.Store)); err != nil {
		t.Fatal(err)
	}
	to := w.opens("to.db")
	merge(t, to, shards[0])
	if all, err := readBys(t.Context(), to); err != nil || len(all) != 1 {
		t.Errorf("after the first source %d judges are noted as read, %v; want its 1", len(all), err)
	}
	merge(t, to, shards[1])
	if all, err := readBys(t.Context(), to); err != nil || len(all) != 0 {
		t.Errorf("after one that was not, %d judges are noted as read, %v; want none", len(all), err)
	}
}

func TestMergeRefusesOtherArenas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakellm.Options{}, 3)
	w.write("others.jsonl", promptLines(10, 15))
	mine, other, empty, to := w.open(), w.opens("other.db"), w.opens("empty.db"), w.opens("to.db")
	mustSync(t, w.arena(plain), mine)
	mustSync(t, w.arena(strings.ReplaceAll(plain, "prompts.jsonl", "others.jsonl")), other)
	_, err := Merge(t.Context(), to, []MergeSource{{"mine", mine}, {"other", other}}, nil)
	if !errors.Is(err, ErrOtherArena) || !strings.Contains(err.Error(), "others.jsonl (5 prompts") {
		t.Errorf("Merge of two arenas = %v; want %v, and what differs", err, ErrOtherArena)
	}
	if any, err := holdsAny(t.Context(), to, store.Prompts); any || err != nil {
		t.Errorf("the target holds something, %v; want nothing to be written", err)
	}
	half := w.opens("half.db")
	var note store.Batch
	note.Put(store.Meta, []byte("copying"), nil, []byte("{}"))
	if _, err := half.Apply(t.Context(), &note); err != nil {
		t.Fatal(err)
	}
	if _, err = Merge(t.Context(), to, []MergeSource{{"half", half}}, nil); !errors.Is(err, store.ErrUnfinished) {
		t.Errorf("Merge of an unfinished copy = %v; want %v", err, store.ErrUnfinished)
	}
	if _, err = w.arena(plain).Sync(t.Context(), half); !errors.Is(err, store.ErrUnfinished) {
		t.Errorf("Sync of an unfinished copy = %v; want %v, before anything is asked for again", err, store.ErrUnfinished)
	}
	merge(t, to, MergeSource{"empty", empty}, MergeSource{"mine", mine})
	if _, err = Merge(t.Context(), to, []MergeSource{{"other", other}}, nil); !errors.Is(err, ErrOtherArena) {
		t.Errorf("Merge into another arena = %v; want %v", err, ErrOtherArena)
	}
}
