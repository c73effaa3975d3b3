package export

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// holding yields one prompt, says so and then waits for the end of its input.
type holding struct{ *fixed }

func (h holding) Prompts(context.Context, bool) iter.Seq2[*Prompt, error] {
	return func(yield func(*Prompt, error) bool) {
		yield(h.prompts[0], nil)
		fmt.Println("half")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// TestMain is also the process that TestKilledWriter kills.
func TestMain(m *testing.M) {
	if path := os.Getenv("EXPORT_TEST_HOLD"); path != "" {
		_, err := WriteFile(context.Background(), path, holding{sample()}, Options{})
		fmt.Println("returned:", err)
		return
	}
	os.Exit(m.Run())
}

// left lists dir.
func left(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestWriteFileReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	want := content(t, "testdata/ranked.golden.jsonl")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("out.jsonl", filepath.Join(dir, "link.jsonl")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"out.jsonl", "link.jsonl", "new.jsonl"} {
		sum, err := WriteFile(t.Context(), filepath.Join(dir, name), sample(), Options{})
		if err != nil || sum.Rows != 4 {
			t.Fatalf("WriteFile(%s) = %d, %v; want 4 rows", name, sum.Rows, err)
		}
		if content(t, filepath.Join(dir, name)) != want {
			t.Errorf("%s is not what Write writes", name)
		}
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, %v; want 0600", name, info.Mode(), err)
		}
	}
	if info, err := os.Lstat(filepath.Join(dir, "link.jsonl")); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link has been replaced")
	}
	if names := left(t, dir); len(names) != 4 {
		t.Errorf("left behind: %v", names)
	}
}

func TestFailureKeepsTheOldFile(t *testing.T) {
	boom := errors.New("boom")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	failing := sample()
	failing.err = boom
	for _, c := range []struct {
		about string
		ctx   context.Context
		arena Arena
		want  error
	}{
		{"an arena that fails after its rows", t.Context(), failing, boom},
		{"a cancelled context", cancelled, sample(), context.Canceled},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "out.jsonl")
		if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
			t.Fatal(err)
		}
		sum, err := WriteFile(c.ctx, path, c.arena, Options{})
		if !errors.Is(err, c.want) || sum.Rows != 0 {
			t.Errorf("%s: %d rows, %v; want no rows and %v", c.about, sum.Rows, err, c.want)
		}
		if got, names := content(t, path), left(t, dir); got != "old" || len(names) != 1 {
			t.Errorf("%s: the file holds %q beside %v; want the old one alone", c.about, got, names)
		}
	}
}

func TestFolders(t *testing.T) {
	dir := t.TempDir()
	var usage *UsageError
	if _, err := WriteFile(t.Context(), dir, sample(), Options{}); !errors.As(err, &usage) || !strings.Contains(err.Error(), dir) {
		t.Errorf("writing to a folder = %v; want a UsageError that names it", err)
	}
	if _, err := WriteFile(t.Context(), filepath.Join(dir, "no", "out"), sample(), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("writing into a folder that is not there = %v; want ErrNotExist", err)
	}
}

// A killed process leaves the old file and a temporary one; the next WriteFile removes it, but never that of a process
// that is still writing.
func TestKilledWriter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.jsonl")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), "EXPORT_TEST_HOLD="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := child.StdinPipe(); err != nil { // stays open, so that the child waits
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "half\n" {
		t.Fatalf("the writer said %q, %v", line, err)
	}
	if _, err := WriteFile(t.Context(), path, sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	if names := left(t, dir); len(names) != 3 {
		t.Errorf("beside a living writer there are %v; want its temporary file, out.jsonl and the manifest", names)
	}
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("the killed writer ended well")
	}
	if got, names := content(t, path), left(t, dir); got != "old" || len(names) != 3 {
		t.Errorf("after the kill the file holds %q in %v; want the old one, a temporary file and the manifest", got, names)
	}
	other := filepath.Join(dir, ".out.jsonl.backup"+tempEnding)
	if err := os.WriteFile(other, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := WriteFile(t.Context(), path, sample(), Options{}); err != nil {
		t.Fatal(err)
	}
	if names := left(t, dir); len(names) != 3 || content(t, path) == "old" {
		t.Errorf("after the next export there are %v; want the new file, the manifest and the one that is not ours", names)
	}
}

// Good training data is not replaced by none, where the caller says so.
func TestKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.jsonl")
	empty := &fixed{}
	for _, c := range []struct {
		why, before string
		keep        bool
		want        string
		err         error
	}{
		{"an old file is kept", "old\n", true, "old\n", ErrKept},
		{"it is replaced where nothing else is asked", "old\n", false, "", nil},
		{"an empty file is as good as another", "", true, "", nil},
	} {
		if err := os.WriteFile(path, []byte(c.before), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := WriteFile(t.Context(), path, empty, Options{Type: "ranked", Format: "jsonl", Keep: c.keep}); !errors.Is(err, c.err) {
			t.Errorf("%s: WriteFile() = %v; want %v", c.why, err, c.err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != c.want {
			t.Errorf("%s: the file holds %q, %v; want %q", c.why, got, err, c.want)
		}
	}
}
