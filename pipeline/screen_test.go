package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/providers"
	"openarena/store"
)

// jsonRows are rows with these prompts.
func jsonRows(prompts ...string) string {
	var b strings.Builder
	for _, p := range prompts {
		fmt.Fprintf(&b, "{\"prompt\": %q}\n", p)
	}
	return b.String()
}

const (
	keeper = "Write a short story about a lighthouse keeper who finds a letter in a bottle and answers it."
	benchQ = "A train leaves the station at noon and drives west with a speed of sixty miles an hour. When does it arrive?"
)

func TestScreen(t *testing.T) {
	for _, test := range []struct {
		about, prompts string // of the file
		one, two       string
		want           string // row by row, as row numbers of both files
		dropped        string
	}{
		{"nothing is set", "", jsonRows("a", "b"), jsonRows("b", "c"), "a|b|c", ""},
		{"too short and too long, in characters", "{min_chars: 2, max_chars: 4}", jsonRows("ä", "äöü", "abcde"), jsonRows("今天"), "äöü|今天",
			"min_chars 1 one.jsonl:1: it has 1 characters; max_chars 1 one.jsonl:3: it has 5 characters"},
		{"only what the user says is counted", "{max_chars: 4}", `{"prompt": [{"role":"system","content":"very long"},{"role":"user","content":"ab"}]}` + "\n", jsonRows("c"), "ab|c", ""},
		{"near-duplicates: the first stays, across datasets", "{near_duplicates: 0.8}", jsonRows(keeper, strings.ToUpper(keeper), "b"), jsonRows(keeper+" Please.", "c"), keeper + "|b|c",
			"near_duplicates 1 one.jsonl:2: 1.00 like prompt HASH; near_duplicates 1 two.jsonl:1: 0.92 like prompt HASH"},
		{"a prompt of two datasets belongs to both", "{near_duplicates: 0.8}", jsonRows(keeper), jsonRows(keeper, "c"), keeper + "|c", ""},
		{"under other instructions it is another prompt", "{near_duplicates: 0.8}", jsonRows(keeper), `{"prompt": [{"role":"system","content":"Rhyme."},{"role":"user","content":"` + keeper + `"}]}` + "\n", keeper + "|" + keeper, ""},
		{"excluded texts", "{exclude: [bench.jsonl]}", jsonRows("Solve: "+benchQ, "2+2", "x"), jsonRows("2-2"), "x|2-2",
			"exclude 2 one.jsonl:1: it shares 13 words with bench.jsonl:1: a train leaves the station at noon and drives west with a speed"},
		{"excluded by another field, shorter runs", "{exclude: [{path: test.csv, field: q}], overlap: 5}", jsonRows("The sky is blue, isn't it?", "Why is the sky blue?"), jsonRows("c"), "Why is the sky blue?|c",
			"exclude 1 one.jsonl:1: it shares 5 words with test.csv:2: the sky is blue, isn"},
		{"what is excluded is nobody's like", "{near_duplicates: 0.5, exclude: [bench.jsonl]}", jsonRows(benchQ, "A bus leaves the station at noon, and drives west at a speed of sixty miles an hour. When does it arrive?"), jsonRows("c"),
			"A bus leaves the station at noon, and drives west at a speed of sixty miles an hour. When does it arrive?|c", "exclude 1 one.jsonl:1: it is bench.jsonl:1"},
	} {
		w := offline(t)
		w.write("one.jsonl", test.one)
		w.write("two.jsonl", test.two)
		w.write("bench.jsonl", jsonRows(benchQ, "2+2"))
		w.write("test.csv", "q,a\n\"Say: the sky is blue, isn't it\",x\n")
		yaml := twoSets
		if test.prompts != "" {
			yaml += "prompts: " + test.prompts + "\n"
		}
		a, db := w.arena(yaml), w.open()
		synced := mustSync(t, a, db)
		byRow, _ := wantedTexts(t, a, db)
		if got := strings.Join(byRow, "|"); got != test.want {
			t.Errorf("%s: the prompts are %s; want %s", test.about, got, test.want)
		}
		first, _, err := promptHash([]providers.Message{{Role: "user", Content: keeper}})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := droppedText(synced), strings.ReplaceAll(test.dropped, "HASH", first.String()); got != want {
			t.Errorf("%s: dropped are\n%s; want\n%s", test.about, got, want)
		}
		again := mustSync(t, a, db)
		if !again[0].Unchanged || !again[1].Unchanged || droppedText(again) != droppedText(synced) {
			t.Errorf("%s: a second Sync() = %+v; want nothing read, and the same told", test.about, again)
		}
	}
}

// droppedText is what was dropped, with the first row of each.
func droppedText(all []Synced) string {
	var parts []string
	for _, s := range all {
		for _, d := range s.Dropped {
			parts = append(parts, fmt.Sprintf("%s %d %s", d.Setting, d.Rows, d.Why[0]))
		}
	}
	return strings.Join(parts, "; ")
}

const alike = plainTwo + "prompts: {near_duplicates: 0.8}\n"

const plainTwo = `default_endpoint: {url: URL, concurrency: 16}
models: [{name: Alpha, model_id: alpha}, {name: Beta, model_id: beta}]
judges: [{name: Judge, model_id: judge, reask: 1}]
datasets: [{path: one.jsonl}, {path: two.jsonl}]
`

// TestScreenChangesNoWork narrows and widens what is left out: nothing is asked twice.
func TestScreenChangesNoWork(t *testing.T) {
	w := newWorld(t, fakellm.Options{Seed: 1}, 0)
	w.write("one.jsonl", jsonRows(keeper, "What is the sea made of?"))
	w.write("two.jsonl", jsonRows(keeper+" Please.", "Why is the sky blue?"))
	db := w.open()
	run(t, w.arena(alike), db, both)
	wantDone(t, w.arena(alike), db, 6, 6)
	run(t, w.arena(plainTwo), db, both)
	calls := w.server.Stats(false).Arrivals
	if want := int64(8 + 8); calls != want {
		t.Errorf("without the setting %d calls were made in all; want %d: those of the prompt that came back", calls, want)
	}
	for _, yaml := range []string{alike, plainTwo + "prompts: {min_chars: 21}\n", plainTwo} {
		run(t, w.arena(yaml), db, both)
	}
	if again := w.server.Stats(false).Arrivals; again != calls {
		t.Errorf("changing the setting to and fro made %d calls; want none", again-calls)
	}
}

// TestScreenedVersions tells which changes make a dataset anew.
func TestScreenedVersions(t *testing.T) {
	w := offline(t)
	w.write("one.jsonl", jsonRows(keeper, "one"))
	w.write("two.jsonl", jsonRows(keeper+" Please.", "two", "last"))
	w.write("bench.jsonl", jsonRows("two"))
	const excluding = twoSets + "prompts: {near_duplicates: 0.8, exclude: [bench.jsonl]}\n"
	db := w.open()
	for _, test := range []struct {
		about   string
		change  func()
		want    string // prompts
		changed string // datasets that were read
	}{
		{"the first time", func() {}, keeper + "|one|last", "one.jsonl two.jsonl"},
		{"nothing", func() {}, keeper + "|one|last", ""},
		{"the excluded file", func() { w.write("bench.jsonl", jsonRows("three")) }, keeper + "|one|two|last", "one.jsonl two.jsonl"},
		{"an earlier dataset, whose like comes back", func() { w.write("one.jsonl", jsonRows("one")) }, "one|" + keeper + " Please.|two|last", "one.jsonl two.jsonl"},
		{"a later dataset", func() { w.write("two.jsonl", jsonRows(keeper)) }, "one|" + keeper, "two.jsonl"},
	} {
		test.change()
		a := w.arena(excluding)
		// What only reads sees it before the database does.
		var scratch store.Store
		now, err := a.Current(t.Context(), db, func() (store.Store, error) {
			scratch = offline(t).open()
			return scratch, nil
		})
		if err != nil {
			t.Fatalf("%s: Current() = %v", test.about, err)
		}
		if got, _ := wantedTexts(t, a, now.Over(db)); strings.Join(got, "|") != test.want {
			t.Errorf("%s changed: who only reads sees %q; want %s", test.about, got, test.want)
		}
		var read []string
		for _, s := range mustSync(t, a, db) {
			if !s.Unchanged {
				read = append(read, s.Label)
			}
		}
		if got := strings.Join(read, " "); got != test.changed {
			t.Errorf("%s changed: read were %q; want %q", test.about, got, test.changed)
		}
		if got, _ := wantedTexts(t, a, db); strings.Join(got, "|") != test.want {
			t.Errorf("%s changed: the prompts are %q; want %s", test.about, got, test.want)
		}
	}
}

// TestScreenOfATrial reads one dataset of two: it has the prompts that it has in the whole.
func TestScreenOfATrial(t *testing.T) {
	w := offline(t)
	w.write("one.jsonl", jsonRows(keeper, "one"))
	w.write("two.jsonl", jsonRows(keeper+" Please.", "two", "three"))
	const yaml = twoSets + "prompts: {near_duplicates: 0.8}\n"
	a, db := w.trial(yaml, Trial{Datasets: map[string]bool{"two.jsonl": true}, Limit: 1}), w.open()
	if synced := mustSync(t, a, db); len(synced) != 1 || synced[0].Label != "two.jsonl" || synced[0].Prompts != 2 {
		t.Errorf("Sync() of a trial = %+v; want two.jsonl alone, with 2 prompts", synced)
	}
	if got, _ := wantedTexts(t, a, db); strings.Join(got, "|") != "two" {
		t.Errorf("the trial has the prompts %q; want the first that is left", got)
	}
	for _, s := range mustSync(t, w.arena(yaml), db) {
		if !s.Unchanged {
			t.Errorf("after the trial %s is read again", s.Label)
		}
	}
}

// TestScreenedLoadIsCompleted kills a load after each of its commits, of which long references make several.
func TestScreenedLoadIsCompleted(t *testing.T) {
	var rows strings.Builder
	reference := strings.Repeat("x", 30_000)
	for i := range 40 {
		text := fmt.Sprintf("%d and %d are what?", i*7919, i*i)
		if i%4 == 3 {
			text = fmt.Sprintf("%d and %d are what?!", (i-2)*7919, (i-2)*(i-2))
		}
		fmt.Fprintf(&rows, "{\"prompt\": %q, \"r\": %q}\n", text, reference)
	}
	const yaml = `models: [{name: A, model_id: a}, {name: B, model_id: b}]
judges: [{name: J, model_id: j}]
datasets: [{path: one.jsonl, reference_field: r}, {path: two.jsonl}]
prompts: {near_duplicates: 0.7}
`
	fresh := func() (*Arena, *store.DB) {
		w := offline(t)
		w.write("one.jsonl", rows.String())
		w.write("two.jsonl", jsonRows("0 and 0 are what?", "7919 and 1 are what, please?", "something else"))
		return w.arena(yaml), w.open()
	}
	a, golden := fresh()
	want := mustSync(t, a, golden)
	if want[0].Dropped == nil || want[0].Dropped[0].Rows != 10 || want[0].Prompts != 30 {
		t.Fatalf("Sync() = %+v; want 10 near-duplicates", want[0].Dropped)
	}
	a, db := fresh()
	commits := 1
	for ; ; commits++ {
		_, err := a.Sync(t.Context(), &dying{db, commits})
		if err == nil {
			break
		}
		if !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
	}
	if dump(t, db) != dump(t, golden) || commits < 4 {
		t.Errorf("killed after each of %d commits and completed, the dump differs from that of an undisturbed load", commits)
	}
}

func TestNothingIsLeft(t *testing.T) {
	for _, test := range []struct{ prompts, bench, want string }{
		{"{min_chars: 50}", "", "dataset one.jsonl: none of its 2 rows is left by the settings under prompts: min_chars 2, the first at one.jsonl:1: it has 1 characters"},
		{"{exclude: [bench.jsonl]}", `{"question": "x"}`, `prompts.exclude: bench.jsonl:1: no field "prompt"; fields here: question`},
		{"{exclude: [nowhere.jsonl]}", "", "prompts.exclude: dataset nowhere.jsonl: nowhere.jsonl: file does not exist"},
	} {
		w := offline(t)
		w.write("one.jsonl", jsonRows("a", "b"))
		w.write("two.jsonl", jsonRows("c"))
		w.write("bench.jsonl", test.bench)
		if _, err := w.arena(twoSets+"prompts: "+test.prompts+"\n").Sync(t.Context(), w.open()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("prompts: %s: Sync() = %v; want %s", test.prompts, err, test.want)
		}
	}
}
