package main

import (
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
)

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
