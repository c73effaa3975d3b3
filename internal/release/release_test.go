package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// write makes a tree of files.
func write(t *testing.T, dir string, files map[string]string, mode os.FileMode) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPack(t *testing.T) {
	at := time.Unix(1700000000, 0).UTC()
	for _, p := range []platform{{"linux", "amd64"}, {"windows", "arm64"}} {
		var made [2][]byte
		for i, mode := range []os.FileMode{0o600, 0o644} { // whatever the tree's modes and times are
			root := t.TempDir()
			tree := map[string]string{"bin/" + p.binary(): "program"}
			for _, paper := range papers {
				tree[paper] = "text of " + paper
			}
			write(t, root, tree, mode)
			files, err := contents(root, filepath.Join(root, "bin", p.binary()), p, unknown)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Join(t.TempDir(), p.archive(unknown))
			if err := pack(name, files, at); err != nil {
				t.Fatal(err)
			}
			if err := check(name, files); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if made[i], err = os.ReadFile(name); err != nil {
				t.Fatal(err)
			}
			write(t, root, map[string]string{"LICENSE": "another text"}, mode)
			if err := check(name, files); err == nil || !strings.Contains(err.Error(), "LICENSE") {
				t.Errorf("check() of an archive with another LICENSE = %v; want an error that names it", err)
			}
		}
		if !bytes.Equal(made[0], made[1]) {
			t.Errorf("two trees with the same texts make different archives for %s", p.os)
		}
	}
}

// Whoever deploys from an archive finds all of deploy/ there, and its scripts can be started.
func TestDeployIsPacked(t *testing.T) {
	root := filepath.Join("..", "..")
	files, err := contents(root, "openarena", platform{"linux", "amd64"}, unknown)
	if err != nil {
		t.Fatal(err)
	}
	modes := map[string]int64{}
	for _, f := range files {
		modes[f.from] = f.mode
	}
	err = filepath.WalkDir(filepath.Join(root, "deploy"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || slices.Contains([]string{".gitignore", ".env", "secret.env"}, d.Name()) {
			return err
		}
		want := int64(0o644)
		if filepath.Ext(path) == ".sh" {
			want = 0o755
		}
		if modes[path] != want {
			t.Errorf("%s has mode %o in an archive, 0 being absent; want %o", path, modes[path], want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Who unpacks an archive can follow the README: what it links to lies where it says.
func TestPapersAreLinked(t *testing.T) {
	root := filepath.Join("..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := contents(root, "openarena", platform{"linux", "amd64"}, unknown)
	if err != nil {
		t.Fatal(err)
	}
	var inside []string
	for _, f := range files {
		inside = append(inside, strings.TrimPrefix(f.name, platform{"linux", "amd64"}.folder(unknown)+"/"))
	}
	links := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)|man -l ([^ `+"`"+`]+)`).FindAllSubmatch(readme, -1)
	if len(links) < 5 {
		t.Errorf("README.md has %d links to papers; want more", len(links))
	}
	for _, link := range links {
		if to := string(link[1]) + string(link[2]); !slices.Contains(inside, to) {
			t.Errorf("README.md links to %s, which an archive has not; it has %q", to, inside)
		}
	}
}

func TestStampWithoutGit(t *testing.T) {
	if got := stampOf(t.Context(), t.TempDir()); got != unknown {
		t.Errorf("stampOf(a folder) = %v; want %v", got, unknown)
	}
	t.Setenv("PATH", t.TempDir())
	if got := stampOf(t.Context(), "."); got != unknown {
		t.Errorf("stampOf() without git = %v; want %v", got, unknown)
	}
}

// repository makes one with a single commit.
func repository(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not there")
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	dir := t.TempDir()
	write(t, dir, map[string]string{"a": "a", "sub/b": "b"}, 0o644)
	must(t, dir, "init", "-q")
	must(t, dir, "add", ".")
	must(t, dir, "-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "-m", "m", "--date", "@1700000000")
	return dir
}

func must(t *testing.T, dir string, args ...string) {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env = dir, append(os.Environ(), "GIT_COMMITTER_DATE=@1700000000 +0000")
	if out, err := c.CombinedOutput(); err != nil {
		t.Skipf("git %v: %v %s", args, err, out)
	}
}

func TestStamp(t *testing.T) {
	dir := repository(t)
	plain := stampOf(t.Context(), dir)
	if plain.version != "dev" || len(plain.commit) != 12 || plain.time.Unix() != 1700000000 {
		t.Errorf("stampOf(a repository) = %v", plain)
	}
	if got := stampOf(t.Context(), filepath.Join(dir, "sub")); got != unknown {
		t.Errorf("stampOf(a folder in another's repository) = %v; want %v", got, unknown)
	}
	shallow := filepath.Join(t.TempDir(), "shallow")
	must(t, dir, "clone", "-q", "--depth", "1", "file://"+dir, shallow)
	if got := stampOf(t.Context(), shallow); got != plain {
		t.Errorf("stampOf(a shallow clone) = %v; want %v", got, plain)
	}
	must(t, dir, "tag", "nightly")
	must(t, dir, "tag", "v1.2.3")
	if got := stampOf(t.Context(), dir); got.version != "v1.2.3" || got.commit != plain.commit {
		t.Errorf("stampOf(a tagged commit) = %v", got)
	}
	write(t, dir, map[string]string{"a": "edited"}, 0o644)
	if got := stampOf(t.Context(), dir); got.version != "dev" || got.commit != plain.commit+"-edited" {
		t.Errorf("stampOf(an edited tree) = %v", got)
	}
}

// Git refuses a repository that another user owns, unless told otherwise.
func TestStampOfAnotherOwner(t *testing.T) {
	dir := repository(t)
	want := stampOf(t.Context(), dir)
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		if err == nil {
			err = os.Lchown(name, 12345, 12345)
		}
		return err
	})
	if err != nil {
		t.Skip("only root gives files away:", err)
	}
	must(t, dir, "-c", "safe.directory=*", "rev-parse") // git before 2.38 lets nobody say so on the command line
	if got := stampOf(t.Context(), dir); got != want {
		t.Errorf("stampOf(another's repository) = %v; want %v", got, want)
	}
}
