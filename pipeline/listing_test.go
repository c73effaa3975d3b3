package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"openarena/store"
)

// offline is a world without a server.
func offline(t testing.TB) *world { t.Helper(); return &world{t: t, dir: t.TempDir()} }

// questions are jsonl rows with these prompts.
func questions(all string) string {
	var b strings.Builder
	for _, q := range strings.Fields(all) {
		b.WriteString(`{"prompt": "` + q + `"}` + "\n")
	}
	return b.String()
}

const twoSets = `models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: J, model_id: j}]
datasets: [{path: one.jsonl}, {path: two.jsonl}]
`

// wantedTexts are the wanted prompts in the order of the files, and in hash order, as their texts.
func wantedTexts(t *testing.T, a *Arena, r store.Reader) (byRow, byHash []string) {
	t.Helper()
	all, err := a.listings(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	text := func(h Hash) string {
		messages, err := readPrompt(t.Context(), r, h)
		if err != nil {
			t.Fatal(err)
		}
		return messages[len(messages)-1].Content
	}
	for w, err := range a.rows(t.Context(), r, all) {
		if err != nil {
			t.Fatal(err)
		}
		byRow = append(byRow, text(w.Prompt))
	}
	var last Hash
	for w, err := range a.wanted(t.Context(), r, all, everything) {
		if err != nil {
			t.Fatal(err)
		}
		if string(w.Prompt[:]) <= string(last[:]) {
			t.Errorf("prompt %s comes after %s; want ascending hashes", w.Prompt, last)
		}
		last = w.Prompt
		byHash = append(byHash, text(w.Prompt))
	}
	return byRow, byHash
}

func TestListings(t *testing.T) {
	for _, test := range []struct {
		name, one, two string
		trial          Trial
		want           string
		duplicates     int // of the first set
	}{
		{"sets follow each other, rows keep their order", "c a b", "e d", Trial{}, "c a b e d", 0},
		{"a prompt counts where it came first", "a b a c b", "c d a", Trial{}, "a b c d", 2},
		{"a trial takes the first prompts of each set", "a b a c", "d e f", Trial{Limit: 2}, "a b d e", 1},
		{"a limit beyond the rows takes all", "a b", "c", Trial{Limit: 9}, "a b c", 0},
		{"a trial of one set leaves the other alone", "a b", "c", Trial{Datasets: map[string]bool{"one.jsonl": true}}, "a b", 0},
	} {
		w := offline(t)
		w.write("one.jsonl", questions(test.one))
		w.write("two.jsonl", questions(test.two))
		a, db := w.trial(twoSets, test.trial), w.open()
		first := mustSync(t, a, db)[0]
		if first.Duplicates != test.duplicates || first.Unchanged {
			t.Errorf("%s: Sync() = %+v; want %d duplicates", test.name, first, test.duplicates)
		}
		byRow, byHash := wantedTexts(t, a, db)
		if got := strings.Join(byRow, " "); got != test.want {
			t.Errorf("%s: the prompts are %s; want %s", test.name, got, test.want)
		}
		slices.Sort(byHash)
		slices.Sort(byRow)
		if !slices.Equal(byHash, byRow) {
			t.Errorf("%s: in hash order the prompts are %s; want each of %s once", test.name, byHash, byRow)
		}
		if again := mustSync(t, a, db)[0]; !again.Unchanged {
			t.Errorf("%s: a second Sync() = %+v; want nothing read", test.name, again)
		}
	}
}

// dying is a store whose process is killed after a number of commits.
type dying struct {
	store.Store
	left int
}

var errKilled = errors.New("killed")

func (d *dying) Apply(ctx context.Context, b *store.Batch) (store.Result, error) {
	if d.left--; d.left < 0 {
		return store.Result{}, errKilled
	}
	return d.Store.Apply(ctx, b)
}

func TestKilledLoadIsCompleted(t *testing.T) {
	// Three commits of rows, with duplicates inside and across them.
	rows := promptLines(0, 1500) + promptLines(700, 900) + promptLines(1400, 2600)
	whole := offline(t)
	whole.write("prompts.jsonl", rows)
	db := whole.open()
	want := mustSync(t, whole.arena(plain), db)[0]
	golden := dump(t, db)
	if want.Prompts != 2600 || want.Duplicates != 300 {
		t.Fatalf("Sync() = %+v; want 2,600 prompts and 300 duplicates", want)
	}
	for left := range 5 { // the definitions, three batches of rows, the manifest
		w := offline(t)
		w.write("prompts.jsonl", rows)
		a, db := w.arena(plain), w.open()
		if _, err := a.Sync(t.Context(), &dying{db, left}); !errors.Is(err, errKilled) {
			t.Fatalf("after %d commits Sync() = %v; want to be killed", left, err)
		}
		if _, err := a.listings(t.Context(), db); !errors.Is(err, errNotRead) {
			t.Errorf("after %d commits the dataset counts as read (%v)", left, err)
		}
		if got := mustSync(t, a, db)[0]; got.Prompts != want.Prompts || got.Duplicates != want.Duplicates {
			t.Errorf("killed after %d commits and completed: %+v; want %+v", left, got, want)
		}
		if dump(t, db) != golden {
			t.Errorf("killed after %d commits and completed, the dump differs from that of an undisturbed load", left)
		}
	}
}

func TestBadRowsAreCountedAndNamed(t *testing.T) {
	w := offline(t)
	w.write("prompts.jsonl", questions("a")+`{"prompt": 7}`+"\n"+questions("b")+`{"other": "x"}`+"\n")
	a, db := w.arena(plain), w.open()
	got := mustSync(t, a, db)[0]
	if got.Prompts != 2 || got.Bad != 2 || len(got.Why) != 2 || !strings.Contains(got.Why[0], ":2: ") {
		t.Errorf("Sync() = %+v; want 2 prompts, 2 bad rows, both of them explained", got)
	}
	if again := mustSync(t, a, db)[0]; again.Bad != 2 || !slices.Equal(again.Why, got.Why) {
		t.Errorf("a second Sync() = %+v; want the bad rows told again", again)
	}
	w.write("prompts.jsonl", questions("a")+strings.Repeat(`{"prompt": 7}`+"\n", 50))
	if many := mustSync(t, a, db)[0]; many.Bad != 50 || len(many.Why) != mostExplained {
		t.Errorf("of 50 bad rows Sync() counts %d and explains %d; want all of them and the first %d", many.Bad, len(many.Why), mostExplained)
	}
	w.write("prompts.jsonl", `{"prompt": 7}`+"\n")
	if _, err := a.Sync(t.Context(), db); err == nil || !strings.Contains(err.Error(), "prompts.jsonl") {
		t.Errorf("Sync() of a file without a usable row = %v; want an error that names it", err)
	}
}

func TestFileAnswers(t *testing.T) {
	const yaml = `models: [{name: A, model_id: a}, {name: Old, answers: {path: old.jsonl}}]
judges: [{name: J, model_id: j}]
datasets: [{path: prompts.jsonl}]
`
	w := offline(t)
	w.write("prompts.jsonl", questions("a b c"))
	answers := func(pairs ...string) {
		var b strings.Builder
		for i := 0; i < len(pairs); i += 2 {
			b.WriteString(`{"prompt": "` + pairs[i] + `", "answer": "` + pairs[i+1] + `"}` + "\n")
		}
		w.write("old.jsonl", b.String())
	}
	a, db := w.arena(yaml), w.open()
	texts := func() string {
		t.Helper()
		mustSync(t, a, db)
		var all []string
		for rec, err := range db.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
			if err != nil {
				t.Fatal(err)
			}
			r, err := parseReply(rec.Meta, rec.Body)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, r.Text)
		}
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	answers("a", "one", "b", "two", "a", "late", "unknown", "x")
	if got := texts(); got != "one two" {
		t.Errorf("the answers are %q; want those of wanted prompts, of two the first", got)
	}
	if st := status(t, a, db); st.Generate != (Count{Wanted: 5, Done: 2, Pending: 3}) || st.Judge.Wanted != 4 {
		t.Errorf("status is %+v, %+v; want nothing wanted where the file has no answer", st.Generate, st.Judge)
	}
	answers("b", "new", "c", "three")
	if got := texts(); got != "new three" {
		t.Errorf("after a change the answers are %q; want the file's and no others", got)
	}
	w.write("prompts.jsonl", questions("a b c d"))
	answers("b", "new", "c", "three", "d", "four")
	if got := texts(); got != "four new three" {
		t.Errorf("after a new prompt the answers are %q", got)
	}
}
