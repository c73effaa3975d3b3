package configs

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestBadFiles loads each testdata/bad/*.yaml: the messages, with lines, columns and excerpts, are those of the golden
// file beside it, and none shows a secret.
func TestBadFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(paths) < 60 {
		t.Fatalf("%d bad files (%v); want at least 60", len(paths), err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(name+".yaml", src, environment)
			var problems Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("Parse returned %v; want Problems", err)
			}
			checkPlaces(t, problems)
			got := err.Error() + "\n"
			for _, secret := range []string{"CANARY-", "sk-CANARY", "4242424242"} {
				if strings.Contains(got, secret) {
					t.Errorf("a message shows a secret (%s):\n%s", secret, got)
				}
			}
			golden(t, "testdata/bad/"+name+".txt", got)
		})
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got:\n%s", path, diff)
	}
}

func TestLoadOfAFileThatIsNotThere(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "arena.yaml"), environment)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "openarena init") {
		t.Errorf("Load = %v; want one that wraps fs.ErrNotExist and names `openarena init`", err)
	}
}

func TestLoadOfAFolder(t *testing.T) {
	if _, err := Load(t.TempDir(), environment); err == nil {
		t.Error("Load of a folder returned no error")
	}
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	if _, err := Find(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Find in an empty folder = %v; want one that wraps fs.ErrNotExist", err)
	}
	for _, name := range []string{"arena_config.yaml", "arena.yaml"} { // the second has precedence
		want := filepath.Join(dir, name)
		if err := os.WriteFile(want, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := Find(dir); got != want || err != nil {
			t.Errorf("Find = %q, %v; want %q", got, err, want)
		}
	}
}
