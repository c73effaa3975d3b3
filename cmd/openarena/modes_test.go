package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestModes: whatever the umask, files that the program makes are their owner's only, while it runs and afterwards.
func TestModes(t *testing.T) {
	t.Parallel()
	w := admit(t, 1, patient{why: "Silent", trouble: isSilent})
	given := map[string]bool{"arena.yaml": true, "prompts.txt": true}
	freely := func(args ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-c", `umask 000; exec openarena "$@"`, "sh"}, args...)...)
		cmd.Dir, cmd.Env = w.dir, w.environ()
		return cmd
	}
	run := freely("run")
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	w.patients[0].server.await(t, 1)
	during := w.modes(given)
	if err := run.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait() // killed, on purpose
	if during["arena.db"] == 0 || during["arena.db.owner"] == 0 {
		t.Errorf("while it runs there are %v; want the database and who has it", during)
	}
	w.env["BAD0"] = w.env["URL"]
	w.write("old.yaml", "# what --force replaces\n")
	if err := os.Chmod(filepath.Join(w.dir, "old.yaml"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"run"}, {"export", "-o", "rows.jsonl"}, {"export", "--format", "csv", "-o", "rows.csv"}, {"db", "compact"}, {"db", "repair"},
		{"init", "-c", "new.yaml"}, {"init", "--force", "-c", "old.yaml"},
	} {
		if out, err := freely(args...).CombinedOutput(); err != nil {
			t.Fatalf("openarena %v: %v\n%s", args, err, out)
		}
	}
	after := w.modes(given)
	for _, all := range []map[string]fs.FileMode{during, after} {
		for name, mode := range all {
			if want := fs.FileMode(0o600); mode.Perm() != want && !mode.IsDir() || mode.IsDir() && mode.Perm() != 0o700 {
				t.Errorf("%s has mode %v; want it to be its owner's only", name, mode)
			}
		}
	}
	t.Attr("figure", fmt.Sprintf("umask 000: %d files while it runs, %d afterwards, all 0600", len(during), len(after)))
}

// modes are those of all that was made in the folder.
func (f *folder) modes(given map[string]bool) map[string]fs.FileMode {
	f.t.Helper()
	all := map[string]fs.FileMode{}
	err := filepath.WalkDir(f.dir, func(path string, d fs.DirEntry, err error) error {
		name := filepath.Base(path)
		if err != nil || path == f.dir || given[name] {
			return err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return nil // gone meanwhile
		}
		all[name] = info.Mode()
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}
