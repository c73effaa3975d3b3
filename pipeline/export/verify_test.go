package export

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changed is an arena whose source is not what it was.
type changed struct {
	*fixed
	change func(*Provenance)
}

func (c changed) Provenance(ctx context.Context) (*Provenance, error) {
	s, err := c.fixed.Provenance(ctx)
	if err == nil {
		c.change(s)
	}
	return s, err
}

func verified(t *testing.T, path string, a Arena) *Verification {
	t.Helper()
	v, err := Verify(t.Context(), path, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// What was exported is what the arena yields, in every type and format. What differs is told with its place.
func TestVerify(t *testing.T) {
	for _, typ := range []string{"ranked", "battles", "ratings"} {
		for _, format := range []string{"jsonl", "json", "csv", "parquet"} {
			path := filepath.Join(t.TempDir(), "out."+format)
			what := typ + " as " + format
			s, err := WriteFile(t.Context(), path, sample(), Options{Type: typ, Format: format, Tool: "1.2.3"})
			if err != nil {
				t.Fatal(err)
			}
			want := &Verification{File: "out." + format, Rows: s.Rows, Intact: true, Same: true, Tool: "1.2.3"}
			if diff := cmp.Diff(want, verified(t, path, sample())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
			grown := sample()
			grown.prompts = append(grown.prompts, grown.prompts[0])
			grown.board.Ratings = append(grown.board.Ratings, grown.board.Ratings[0])
			v := verified(t, path, grown)
			if !v.Intact || v.Same || v.Differ == nil || v.Differ.Row != s.Rows+1 || v.Differ.File != "" && format != "json" || v.Prompts.Now != v.Prompts.Then+1 {
				t.Errorf("%s, after the arena grew: %+v", what, v)
			}
			fewer := sample()
			fewer.prompts = fewer.prompts[:len(fewer.prompts)-1]
			fewer.board.Ratings = fewer.board.Ratings[:1]
			if v := verified(t, path, fewer); !v.Intact || v.Same || v.Differ == nil || v.Differ.Row < 2 {
				t.Errorf("%s, of an arena with less: %+v", what, v)
			}
			other := sample()
			other.prompts[5].Answers[1].Model, other.board.Ratings[1].Model = "Other", "Other"
			other.prompts[5].Answers[0].Model = "Other"
			v = verified(t, path, other)
			if v.Same || v.Differ == nil || v.Differ.Row != s.Rows || !strings.Contains(v.Differ.Arena, "Other") || v.Differ.File == "" {
				t.Errorf("%s, with another name: %+v", what, v)
			}
		}
	}
}

func TestVerifyEditedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	for _, c := range []struct {
		why  string
		edit func([]byte) []byte
		row  int
	}{
		{"a word in the first row", func(b []byte) []byte { return bytes.Replace(b, []byte("scores"), []byte("shores"), 1) }, 1},
		{"a line too many", func(b []byte) []byte { return append(b, "{}\n"...) }, 5},
		{"its end is missing", func(b []byte) []byte { return b[:len(b)-10] }, 4},
		{"it is empty", func([]byte) []byte { return nil }, 1},
	} {
		if _, err := WriteFile(t.Context(), path, sample(), Options{}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.edit([]byte(content(t, path))), 0o600); err != nil {
			t.Fatal(err)
		}
		if v := verified(t, path, sample()); v.Intact || v.Same || v.Differ.Row != c.row || v.Good() {
			t.Errorf("%s: %+v, %+v; want row %d", c.why, v, v.Differ, c.row)
		}
	}
}

func TestVerifyDamagedParquet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.parquet")
	if _, err := WriteFile(t.Context(), path, sample(), Options{Format: "parquet"}); err != nil {
		t.Fatal(err)
	}
	whole := []byte(content(t, path))
	for at := 0; at < len(whole); at += 41 {
		for _, bad := range [][]byte{whole[:at], append(append(bytes.Clone(whole[:at]), whole[at]^0x55), whole[at+1:]...)} {
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if v, err := Verify(t.Context(), path, sample()); err != nil || v.Intact || v.Good() {
				t.Fatalf("damaged at %d of %d: %+v, %v", at, len(whole), v, err)
			}
		}
	}
}

// What changed since is named.
func TestVerifySaysWhatChanged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.jsonl")
	base := func(s *Provenance) {
		s.Config = json.RawMessage(`{"judging":{"orders":"both"},"models":[{"name":"A","params":{"temperature":1}},{"name":"B"}]}`)
		s.Datasets = []DatasetUsed{{Label: "p.txt", Fingerprint: "1"}, {Label: "q.txt", Fingerprint: "2"}}
		s.Judges = []JudgeUsed{{Name: "main", Definition: json.RawMessage(`{"protocol":"scores"}`)}}
	}
	if _, err := WriteFile(t.Context(), path, changed{sample(), base}, Options{}); err != nil {
		t.Fatal(err)
	}
	now := func(s *Provenance) {
		s.Config = json.RawMessage(`{"judging":{"orders":"fixed"},"models":[{"name":"A","params":{"temperature":0}},{"name":"B","samples":2}],"rating":1}`)
		s.Datasets = []DatasetUsed{{Label: "p.txt", Fingerprint: "1"}, {Label: "q.txt", Fingerprint: "3"}}
		s.Judges = []JudgeUsed{{Name: "main", Definition: json.RawMessage(`{"protocol":"verdict5"}`)}}
		s.ParserVersion = 3
	}
	v := verified(t, path, changed{sample(), now})
	want := &Verification{File: "out.jsonl", Rows: 4, Intact: true, Same: true, Settings: []string{"judging.orders", "models[0].params.temperature", "models[1].samples", "rating"},
		Datasets: []string{"q.txt"}, Judges: []string{"main"}, Parser: &Change{2, 3}}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Exports of one folder share a manifest: each keeps what it was made from, and those that are gone go.
func TestManifestOfSeveralFiles(t *testing.T) {
	dir := t.TempDir()
	other := changed{sample(), func(s *Provenance) { s.Config = json.RawMessage(`{"models":["Beta"]}`) }}
	for name, a := range map[string]Arena{"a.jsonl": sample(), "b.jsonl": sample(), "c.jsonl": other} {
		if _, err := WriteFile(t.Context(), filepath.Join(dir, name), a, Options{}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := ReadManifest(dir)
	if err != nil || len(m.Files) != 3 || len(m.Provenance) != 2 {
		t.Fatalf("%d files of %d sources, %v; want 3 of 2", len(m.Files), len(m.Provenance), err)
	}
	before := content(t, filepath.Join(dir, ManifestName))
	if _, err := WriteFile(t.Context(), filepath.Join(dir, "a.jsonl"), sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	if after := content(t, filepath.Join(dir, ManifestName)); after != before {
		t.Errorf("the same export changed the manifest:\n%s", cmp.Diff(before, after))
	}
	os.Remove(filepath.Join(dir, "c.jsonl"))
	if _, err := WriteFile(t.Context(), filepath.Join(dir, "a.jsonl"), sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	if m, err = ReadManifest(dir); err != nil || len(m.Files) != 2 || len(m.Provenance) != 1 {
		t.Errorf("%d files of %d sources, %v; want 2 of 1", len(m.Files), len(m.Provenance), err)
	}
}

// many is an arena of so many prompts without anything else.
type many struct {
	*fixed
	n int
}

func (m many) Provenance(context.Context) (*Provenance, error) {
	return &Provenance{Hashes: func(context.Context) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			for i := range m.n {
				if !yield(fmt.Sprintf("%032x", i), nil) {
					return
				}
			}
		}
	}}, nil
}

// The hashes of many prompts lie in a file beside, whose checksum is the digest in the manifest.
func TestManyPrompts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	for _, n := range []int{fewPrompts, fewPrompts + 1, 3000, 2} {
		if _, err := WriteFile(t.Context(), path, many{sample(), n}, Options{}); err != nil {
			t.Fatal(err)
		}
		m, err := ReadManifest(dir)
		if err != nil {
			t.Fatal(err)
		}
		p := m.Provenance[m.Files["out.jsonl"].MadeFrom].Prompts
		lists := slices.DeleteFunc(left(t, dir), func(name string) bool { return name == "out.jsonl" || name == ManifestName })
		if n <= fewPrompts {
			if p.Count != n || len(p.Hashes) != n || len(lists) != 0 {
				t.Errorf("%d prompts: %d hashes and files %v", n, len(p.Hashes), lists)
			}
			continue
		}
		if p.Count != n || len(p.Hashes) != 0 || len(lists) != 1 || !slices.Equal(lists, m.Lists()) {
			t.Fatalf("%d prompts: %d hashes and files %v; want one that the manifest names", n, len(p.Hashes), lists)
		}
		if sum, err := checksum(filepath.Join(dir, lists[0])); err != nil || sum != p.SHA256 {
			t.Errorf("%d prompts: the list has digest %s, %v; want %s", n, sum, err, p.SHA256)
		}
		if v := verified(t, path, many{sample(), n}); !v.Good() || v.Prompts != nil {
			t.Errorf("%d prompts: %+v", n, v)
		}
	}
}

// After whichever step of an export it was killed: the manifest says nothing that is wrong about a file, and the next export mends it.
func TestKillBetweenRenames(t *testing.T) {
	grown := sample()
	grown.prompts = append(grown.prompts, grown.prompts[0])
	for steps := range 4 {
		dir := t.TempDir()
		path := filepath.Join(dir, "out.jsonl")
		if _, err := WriteFile(t.Context(), path, sample(), Options{}); err != nil {
			t.Fatal(err)
		}
		before := publishing
		publishing = func() error {
			if steps--; steps < 0 {
				return syscall.EIO
			}
			return nil
		}
		_, err := WriteFile(t.Context(), path, grown, Options{})
		publishing = before
		var unknown *UsageError
		_, err2 := Verify(t.Context(), path, grown)
		if err != nil && err2 != nil && !errors.As(err2, &unknown) {
			t.Errorf("%v: verify: %v", err, err2)
		}
		if err2 == nil {
			if v := verified(t, path, grown); !v.Intact {
				t.Errorf("after %v the manifest is wrong about the file: %+v", err, v)
			}
		}
		if _, err := WriteFile(t.Context(), path, grown, Options{}); err != nil {
			t.Fatal(err)
		}
		if v := verified(t, path, grown); !v.Good() {
			t.Errorf("the next export left %+v", v)
		}
		if names := left(t, dir); len(names) != 2 {
			t.Errorf("left behind: %v", names)
		}
	}
}

// A file that does not get its name is not one of which the manifest says that it has.
func TestOneRenameFails(t *testing.T) {
	grown := sample()
	grown.prompts = append(grown.prompts, grown.prompts[0])
	defer func(before func() error) { publishing = before }(publishing)
	for at := range 3 {
		path := filepath.Join(t.TempDir(), "out.jsonl")
		publishing = func() error { return nil }
		if _, err := WriteFile(t.Context(), path, sample(), Options{}); err != nil {
			t.Fatal(err)
		}
		step := 0
		publishing = func() error {
			if step++; step == at+1 {
				return syscall.EIO
			}
			return nil
		}
		if _, err := WriteFile(t.Context(), path, grown, Options{}); !errors.Is(err, syscall.EIO) {
			t.Errorf("rename %d fails: WriteFile = %v", at, err)
		}
		var unknown *UsageError
		switch v, err := Verify(t.Context(), path, grown); {
		case errors.As(err, &unknown):
		case err != nil:
			t.Error(err)
		case !v.Intact:
			t.Errorf("rename %d fails: the manifest is wrong about the file: %+v", at, v)
		}
	}
}

// meeting is an arena during whose export something else happens.
type meeting struct {
	*fixed
	meanwhile func()
}

func (m meeting) Prompts(ctx context.Context, explained bool) iter.Seq2[*Prompt, error] {
	m.meanwhile()
	return m.fixed.Prompts(ctx, explained)
}

// An export that ends while another of the same folder is under way stays known.
func TestExportsMeet(t *testing.T) {
	dir := t.TempDir()
	long, short := filepath.Join(dir, "long.jsonl"), filepath.Join(dir, "short.jsonl")
	if _, err := WriteFile(t.Context(), short, &fixed{}, Options{}); err != nil {
		t.Fatal(err)
	}
	_, err := WriteFile(t.Context(), long, meeting{sample(), func() {
		if _, err := WriteFile(t.Context(), short, sample(), Options{}); err != nil {
			t.Error(err)
		}
	}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{long, short} {
		if v := verified(t, path, sample()); !v.Good() {
			t.Errorf("%s: %+v", filepath.Base(path), v)
		}
	}
}

// Lists of another folder, whose name this one's name is a pattern of, are nobody's litter.
func TestListsOfAnotherFolder(t *testing.T) {
	root := t.TempDir()
	theirs := filepath.Join(root, "set1", listPrefix+"0123.txt")
	for _, dir := range []string{"set1", "set[1]"} {
		if err := os.Mkdir(filepath.Join(root, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	ours := filepath.Join(root, "set[1]", listPrefix+"4567.txt")
	for _, name := range []string{theirs, ours} {
		if err := os.WriteFile(name, []byte("hash\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := WriteFile(t.Context(), filepath.Join(root, "set[1]", "out.jsonl"), sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(theirs); err != nil {
		t.Errorf("a list of another folder: %v", err)
	}
	if _, err := os.Stat(ours); err == nil {
		t.Error("a list that no manifest names is still there")
	}
}

func TestDifferences(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{`{"x":1}`, `{"x":1.0}`, ""},
		{`{"x":{"y":[1,2]}}`, `{"x":{"y":[1,3,4]}}`, "x.y[1] x.y[2]"},
		{`{"params":{"":1}}`, `{"params":{"":2}}`, "params."},
		{`nonsense`, `{"x":1}`, ""},
	} {
		got := strings.Join(differences("", parsed(json.RawMessage(c.a)), parsed(json.RawMessage(c.b))), " ")
		if got != c.want {
			t.Errorf("differences(%s, %s) = %q; want %q", c.a, c.b, got, c.want)
		}
	}
}

func TestVerifyKnowsNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	var usage *UsageError
	expect := func(want string) {
		t.Helper()
		if _, err := Verify(t.Context(), path, sample()); !errors.As(err, &usage) || !strings.Contains(err.Error(), want) {
			t.Errorf("Verify = %v; want a UsageError with %q", err, want)
		}
	}
	expect("there is no openarena.json")
	for text, want := range map[string]string{"{}": "none that openarena wrote", "x": "none that openarena wrote", `{"format":2}`: "newer openarena", `{"format":1}`: "says nothing of out.jsonl"} {
		if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		expect(want)
		_, err := WriteFile(t.Context(), path, sample(), Options{})
		if wrote := err == nil; wrote != (text == `{"format":1}`) || !wrote && content(t, filepath.Join(dir, ManifestName)) != text {
			t.Errorf("an export beside %s = %v", text, err)
		}
		os.Remove(path)
	}
	if _, err := WriteFile(t.Context(), filepath.Join(dir, ManifestName), sample(), Options{}); !errors.As(err, &usage) {
		t.Errorf("an export to openarena.json = %v; want a UsageError", err)
	}
}

// The two files of a split are verified each for itself.
func TestVerifySplit(t *testing.T) {
	arena := &fixed{}
	for i := range 40 {
		arena.prompts = append(arena.prompts, &Prompt{Hash: fmt.Sprintf("%032x", i*7919), Messages: user(fmt.Sprint("prompt ", i)),
			Answers:   []Answer{{Model: "a", Text: "good"}, {Model: "b", Text: "bad"}},
			Judgments: []Judgment{{First: 0, Second: 1, Judge: "main", Weight: 1, State: "decided", Verdict: "A>>B", Level: 2}}})
	}
	path := filepath.Join(t.TempDir(), "dpo.jsonl")
	s, err := WriteFile(t.Context(), path, arena, Options{Type: "preference", EvalSplit: 0.3})
	if err != nil || s.EvalRows == 0 || s.EvalRows == s.Rows {
		t.Fatalf("%+v, %v; want rows in both parts", s, err)
	}
	for file, rows := range map[string]int{path: s.Rows - s.EvalRows, EvalPath(path): s.EvalRows} {
		if v := verified(t, file, arena); !v.Good() || v.Rows != rows {
			t.Errorf("%s: %+v; want %d rows", file, v, rows)
		}
	}
	arena.prompts = arena.prompts[:1]
	for _, file := range []string{path, EvalPath(path)} {
		if v := verified(t, file, arena); v.Good() || v.Differ == nil {
			t.Errorf("%s, of one prompt: %+v", file, v)
		}
	}
	arena.prompts = nil
	if v := verified(t, path, arena); v.Good() || !strings.Contains(v.Differ.Arena, "no row to write") {
		t.Errorf("of no prompt: %+v", v)
	}
}

// unsaid is an arena that cannot say what it was made from.
type unsaid struct{ *fixed }

func (unsaid) Provenance(context.Context) (*Provenance, error) { return nil, syscall.ENOSPC }

// Where the manifest cannot be written the old file stays, and what was said of it.
func TestNoRoomForTheManifest(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	if _, err := WriteFile(t.Context(), path, sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	before := content(t, path)
	other := sample()
	other.prompts = other.prompts[:2]
	for _, format := range []string{"jsonl", "parquet"} {
		if _, err := WriteFile(t.Context(), path, unsaid{other}, Options{Format: format}); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: %v; want %v", format, err, syscall.ENOSPC)
		}
		if names := left(t, dir); content(t, path) != before || len(names) != 2 || !verified(t, path, sample()).Good() {
			t.Errorf("%s: the old file is not as it was, beside %v", format, names)
		}
	}
}
