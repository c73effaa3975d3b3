package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/configs"
	"openarena/internal/testkit/fakellm"
	"openarena/pipeline"
	"openarena/store"
)

// The arena that all changes start from: 8 prompts × 3 models, 3 pairs in both orders, so 24 answers and 48 judgments.
// Alpha may say so little that some of its answers are cut off.
const (
	unchangedArena = `default_endpoint: {url: "${URL}", api_key: "${KEY}", concurrency: 8, timeout: 1m}
models:
  - {name: Alpha, model_id: alpha, params: {max_tokens: 31}}
  - {name: Beta, model_id: beta, system: Be brief.}
  - {name: Gamma, model_id: gamma, params: {temperature: 1}}
judges:
  - {name: Judge, model_id: judge, params: {temperature: 0}}
datasets: [{path: prompts.txt}]
export:
  - {type: ranked, path: ranked.jsonl}
  - {type: battles, format: csv, path: battles.csv}
  - {type: ratings, format: json, path: ratings.json}
`
	unchangedPrompts = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"
)

var changedExports = []string{"ranked.jsonl", "battles.csv", "ratings.json"}

// calls are what a server counts, by the name of the model or judge.
type calls map[string]int64

// change is one edit of a finished arena, and what it may cost.
type change struct {
	id       string // of the fault on the scoreboard
	why      string
	edits    []string // pairs of what stands in arena.yaml or prompts.txt, and what is put in its place
	key      string   // the API key from then on; "": as before
	args     []string // of plan and run, beside
	want     calls    // nil: none
	reuse    int64    // of the 72 records
	rated    string   // names on the leaderboard, sorted; "": as before
	sameRows bool     // of ranked, in whatever order
	same     bool     // every export is as before, byte for byte
}

// changes are all that are tried; cut is how many of Alpha's answers were cut off.
func changes(cut int64) []change {
	return []change{
		{id: "T25", why: "a model is renamed", edits: []string{"name: Gamma", "name: Ceres"}, reuse: 72, rated: "Alpha Beta Ceres"},
		{id: "T25", why: "a judge is renamed", edits: []string{"name: Judge", "name: Jury"}, reuse: 72},
		{id: "T26", why: "another model_id", edits: []string{"model_id: gamma", "model_id: gamma-2"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T26", why: "another revision", edits: []string{"model_id: gamma", "model_id: gamma, revision: q4"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T26", why: "a model moves to a server that nobody has started", edits: []string{"model_id: gamma", "model_id: gamma, endpoint: {url: http://127.0.0.1:1/v1}"}, reuse: 72, same: true},
		{id: "T26", why: "all move there", edits: []string{"${URL}", "http://127.0.0.1:1/v1"}, reuse: 72, same: true},
		{id: "T27", why: "a sampling parameter", edits: []string{"temperature: 1}", "temperature: 1.5}"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T27", why: "one more parameter", edits: []string{"temperature: 1}", "temperature: 1, seed: 7}"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 32},
		{id: "T27", why: "the same number written otherwise", edits: []string{"temperature: 1}", "temperature: 1.0}"}, reuse: 72, same: true},
		{id: "T27", why: "the system message", edits: []string{"Be brief.", "Be long."}, want: calls{"Beta": 8, "Judge": 32}, reuse: 32},
		{id: "T27", why: "a second sample", edits: []string{"model_id: gamma", "model_id: gamma, samples: 2"}, want: calls{"Gamma": 8, "Judge": 32}, reuse: 72},
		{id: "T28", why: "max_tokens is raised", edits: []string{"max_tokens: 31", "max_tokens: 64"}, want: calls{"Alpha": 8, "Judge": 32}, reuse: 32},
		{
			id: "T28", why: "max_tokens is raised, and what had ended by itself is kept", edits: []string{"max_tokens: 31", "max_tokens: 64"},
			args: []string{"--reuse", "finished"}, want: calls{"Alpha": cut, "Judge": 32}, reuse: 32 + 8 - cut,
		},
		{id: "T29", why: "a prompt is edited", edits: []string{"three\n", "third\n"}, want: calls{"Alpha": 1, "Beta": 1, "Gamma": 1, "Judge": 6}, reuse: 63},
		{id: "T29", why: "a prompt is added", edits: []string{"eight\n", "eight\nnine\n"}, want: calls{"Alpha": 1, "Beta": 1, "Gamma": 1, "Judge": 6}, reuse: 72},
		{id: "T30", why: "a prompt is removed", edits: []string{"three\n", ""}, reuse: 63},
		{id: "T30", why: "half of the prompts are left out", edits: []string{"path: prompts.txt", "path: prompts.txt, limit: 4"}, reuse: 36},
		{id: "T31", why: "a model is added", edits: []string{"judges:", "  - {name: Delta, model_id: delta}\njudges:"}, want: calls{"Delta": 8, "Judge": 48}, reuse: 72, rated: "Alpha Beta Delta Gamma"},
		{id: "T32", why: "a model is removed", edits: []string{"  - {name: Beta, model_id: beta, system: Be brief.}\n", ""}, reuse: 32, rated: "Alpha Gamma"},
		{id: "T33", why: "another judge", edits: []string{"model_id: judge", "model_id: judge-2"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "the judge's parameters", edits: []string{"temperature: 0", "temperature: 0.5"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "the judge's system message", edits: []string{"model_id: judge", "model_id: judge, system: Be fair."}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "what the judge writes before its verdict", edits: []string{"model_id: judge", "model_id: judge, analysis: none"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "another protocol", edits: []string{"model_id: judge", "model_id: judge, protocol: scores"}, want: calls{"Judge": 48}, reuse: 24},
		{id: "T33", why: "a second judge", edits: []string{"datasets:", "  - {name: Other, model_id: judge-2}\ndatasets:"}, want: calls{"Other": 48}, reuse: 72},
		{id: "T33", why: "how much is asked of the judge beside", edits: []string{"model_id: judge", "model_id: judge, reask: 5, max_invalid_rate: 0.9"}, reuse: 72, same: true},
		{id: "T33", why: "fewer battles", edits: []string{"datasets:", "judging: {pairs: {baseline: Alpha}}\ndatasets:"}, reuse: 56},
		{id: "T33", why: "one order in place of both", edits: []string{"datasets:", "judging: {orders: fixed}\ndatasets:"}, reuse: 48},
		{id: "T35", why: "the API key is rotated", key: "second", reuse: 72, same: true},
		{id: "T35", why: "limits and timeouts", edits: []string{"concurrency: 8, timeout: 1m", "concurrency: 2, timeout: 3m, idle_timeout: 5s"}, reuse: 72, same: true},
		{id: "T36", why: "prompts are said twice", edits: []string{"eight\n", "eight\none\ntwo\ntwo\n"}, reuse: 72, same: true},
		{id: "T36", why: "prompts in another order", edits: []string{unchangedPrompts, "eight\none\nseven\ntwo\nsix\nthree\nfive\nfour\n"}, reuse: 72, sameRows: true},
		{id: "T36", why: "two datasets hold the same prompts", edits: []string{"{path: prompts.txt}", "{path: prompts.txt}, {path: prompts.txt, limit: 4}"}, reuse: 72, same: true},
	}
}

// finishedArena is the arena after a run, in a folder of its own.
type finishedArena struct {
	*folder
	exports map[string]string
	dump    []string // lines, but for the totals
	cut     int64
}

func finishArena(t *testing.T) *finishedArena {
	a := &finishedArena{folder: newFolder(t, fakellm.Options{AnswerBytes: 120, Key: "first"})}
	a.env["KEY"] = "first"
	a.write("arena.yaml", unchangedArena)
	a.write("prompts.txt", unchangedPrompts)
	a.openarena("run")
	a.exports, a.dump = a.exported(), a.dumped()
	for _, line := range a.dump {
		if strings.Contains(line, `"bucket":"answers"`) && strings.Contains(line, `"finish":"length"`) {
			a.cut++
		}
	}
	if a.cut == 0 || a.cut == 8 {
		t.Fatalf("%d of 8 answers were cut off at max_tokens; want some", a.cut)
	}
	return a
}

// copy is a folder with the same database and key.
func (a *finishedArena) copy(t *testing.T) *folder {
	t.Helper()
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.env["KEY"] = a.env["KEY"]
	f.write("arena.db", a.read("arena.db"))
	return f
}

func (f *folder) exported() map[string]string {
	f.t.Helper()
	all := map[string]string{}
	for _, name := range changedExports {
		all[name] = f.read(name)
	}
	return all
}

// dumped is the database but for what was paid in all, which only grows.
func (f *folder) dumped() (lines []string) {
	f.t.Helper()
	for line := range strings.Lines(f.openarena("db", "dump")) {
		if !strings.HasPrefix(line, `{"bucket":"totals"`) {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestChanges edits a finished arena. Plan says beforehand what the server then counts, nothing more is asked for, what was
// there stays, and changing back costs nothing and brings back every byte.
func TestChanges(t *testing.T) {
	t.Parallel()
	a := finishArena(t)
	all := changes(a.cut)
	for len(all) > 0 {
		alike := all[:1]
		for len(alike) < len(all) && all[len(alike)].id == alike[0].id {
			alike = all[:len(alike)+1]
		}
		all = all[len(alike):]
		t.Run(alike[0].id, func(t *testing.T) {
			t.Parallel()
			n := int64(0)
			for _, c := range alike {
				n += c.want.sum()
				t.Run(c.why, func(t *testing.T) {
					t.Parallel()
					a.undergo(t, c)
				})
			}
			t.Attr("figure", fmt.Sprintf("changes: %d, calls planned and counted: %d, to change back: 0", len(alike), n))
		})
	}
}

func (c calls) sum() (n int64) {
	for _, m := range c {
		n += m
	}
	return n
}

// undergo makes one change and takes it back.
func (a *finishedArena) undergo(t *testing.T, c change) {
	f := a.copy(t)
	f.edit(c)
	f.planned(c)
	f.openarena(append([]string{"run"}, c.args...)...)
	f.counted(c)
	f.keeps(a.dump)
	f.shows(c, a.exports)
	f.server.Reset()
	f.edit(change{})
	f.openarena("run")
	f.counted(change{})
	if got := f.exported(); !maps.Equal(got, a.exports) {
		t.Errorf("after changing back the exports are\n%s\nwant\n%s", got, a.exports)
	}
}

// edit writes the arena with a change.
func (f *folder) edit(c change) {
	f.t.Helper()
	arena, prompts := unchangedArena, unchangedPrompts
	for pair := range slices.Chunk(c.edits, 2) {
		if strings.Count(arena, pair[0])+strings.Count(prompts, pair[0]) != 1 {
			f.t.Fatalf("%q does not stand there just once", pair[0])
		}
		arena, prompts = strings.Replace(arena, pair[0], pair[1], 1), strings.Replace(prompts, pair[0], pair[1], 1)
	}
	f.write("arena.yaml", arena)
	f.write("prompts.txt", prompts)
	if c.key != "" {
		f.env["KEY"] = c.key
	}
}

// planned checks what plan says before anything is asked.
func (f *folder) planned(c change) {
	f.t.Helper()
	var p pipeline.Plan
	if err := json.Unmarshal([]byte(f.openarena(append([]string{"plan", "--json"}, c.args...)...)), &p); err != nil {
		f.t.Fatal(err)
	}
	got := calls{}
	for _, line := range append(p.Models, p.Judges...) {
		if line.Calls > 0 {
			got[line.Model] = line.Calls
		}
	}
	if !maps.Equal(got, c.want) || p.Total.Reuse != c.reuse {
		f.t.Errorf("plan says %d reused, calls %v; want %d, %v", p.Total.Reuse, got, c.reuse, c.want)
	}
}

// counted checks what the server was asked.
func (f *folder) counted(c change) {
	f.t.Helper()
	config, err := configs.Load(filepath.Join(f.dir, "arena.yaml"), func(name string) (string, bool) { return f.env[name], true })
	if err != nil {
		f.t.Fatal(err)
	}
	want := calls{} // by model_id
	for _, m := range config.Models {
		want[m.ModelID] += c.want[m.Name]
	}
	for _, j := range config.Judges {
		want[j.ModelID] += c.want[j.Name]
	}
	maps.DeleteFunc(want, func(_ string, n int64) bool { return n == 0 })
	stats, got := f.server.Stats(false), calls{}
	for id, sum := range stats.Models {
		got[id] = sum.Arrivals
	}
	if !maps.Equal(got, want) || int64(stats.Distinct) != stats.Arrivals {
		f.t.Errorf("the server counts %v, %d of them different; want %v, each once", got, stats.Distinct, want)
	}
}

// keeps checks that every prompt, answer, reply and verdict that was there still is.
func (f *folder) keeps(before []string) {
	f.t.Helper()
	after := map[string]bool{}
	for _, line := range f.dumped() {
		after[line] = true
	}
	for _, line := range before {
		if !after[line] && !strings.HasPrefix(line, `{"bucket":"datasets"`) { // the list of prompts that counts is another
			f.t.Fatalf("a record is gone or changed: %s", line)
		}
	}
}

// shows checks the leaderboard and the exports.
func (f *folder) shows(c change, before map[string]string) {
	f.t.Helper()
	after := f.exported()
	var board []struct{ Model string }
	if err := json.Unmarshal([]byte(after["ratings.json"]), &board); err != nil {
		f.t.Fatal(err)
	}
	var names []string
	for _, line := range board {
		names = append(names, line.Model)
	}
	slices.Sort(names)
	want := "Alpha Beta Gamma"
	if c.rated != "" {
		want = c.rated
	}
	if got := strings.Join(names, " "); got != want {
		f.t.Errorf("the leaderboard has %s; want %s", got, want)
	}
	rows := func(text string) []string { return slices.Sorted(strings.Lines(text)) }
	if c.sameRows && !slices.Equal(rows(after["ranked.jsonl"]), rows(before["ranked.jsonl"])) {
		f.t.Errorf("ranked has other rows:\n%s\nwant\n%s", after["ranked.jsonl"], before["ranked.jsonl"])
	}
	if c.same && !maps.Equal(after, before) {
		f.t.Errorf("the exports are\n%s\nwant\n%s", after, before)
	}
}

// A database that an older parser has read, and read badly, is put right from the stored replies.
func TestChangedParser(t *testing.T) {
	t.Parallel()
	a := finishArena(t)
	f := a.copy(t)
	f.edit(change{})
	misread(t, filepath.Join(f.dir, "arena.db"))
	f.planned(change{reuse: 72})
	code, _, said := f.try("run")
	if want := "read 48 verdicts anew"; code != exitOK || !strings.Contains(said, want) {
		t.Errorf("exit code %d; want 0, and a line %q in\n%s", code, want, said)
	}
	f.counted(change{})
	if got := f.exported(); !maps.Equal(got, a.exports) {
		t.Errorf("the exports are\n%s\nwant\n%s", got, a.exports)
	}
	if got := f.dumped(); !slices.Equal(got, a.dump) {
		t.Errorf("the database is\n%s\nwant\n%s", got, a.dump)
	}
	t.Attr("figure", "48 of 48 verdicts read anew, 0 calls")
}

// misread makes a database one that parser 0 has read and understood nothing of.
func misread(t *testing.T, path string) {
	t.Helper()
	const parser, state, invalid = 1, 3, 0 // places in the Meta of a verdict, and the worst of states
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	for rec, err := range db.Scan(t.Context(), store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			t.Fatal(err)
		}
		meta := bytes.Clone(rec.Meta)
		meta[parser], meta[state] = 0, invalid
		b.Put(store.Verdicts, bytes.Clone(rec.Key), meta, nil)
	}
	for rec, err := range db.Scan(t.Context(), store.Meta, store.Prefix([]byte("v")), store.KeyOnly) {
		if err != nil {
			t.Fatal(err)
		}
		b.Delete(store.Meta, bytes.Clone(rec.Key)) // what says that a newer one has read them
	}
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whatever order the work was done in, the exports are the same bytes.
func TestOrderOfWorkLeavesNoTrace(t *testing.T) {
	t.Parallel()
	a := finishArena(t)
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.env["KEY"] = "first"
	head, rest, _ := strings.Cut(unchangedArena, "models:\n")
	models, tail, _ := strings.Cut(rest, "judges:")
	lines := slices.Collect(strings.Lines(models))
	slices.Reverse(lines)
	f.write("arena.yaml", strings.Replace(head, "concurrency: 8", "concurrency: 1", 1)+"models:\n"+strings.Join(lines, "")+"judges:"+tail)
	prompts := slices.Collect(strings.Lines(unchangedPrompts))
	slices.Reverse(prompts)
	f.write("prompts.txt", strings.Join(prompts, ""))
	f.openarena("generate", "--model", "Gamma")
	f.openarena("run", "--limit", "3")
	f.openarena("run")
	f.server.Reset()
	f.edit(change{})
	f.openarena("run")
	f.counted(change{})
	if got := f.exported(); !maps.Equal(got, a.exports) {
		t.Errorf("the exports are\n%s\nwant\n%s", got, a.exports)
	}
}
