//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"openarena/internal/testkit/fakellm"
)

func diskPrompts(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "Question %d: what is %d times %d?\n", i, i+3, 7*i+2)
	}
	return b.String()
}

// mountTmpfs mounts a file system of that size over a folder. The test is skipped where that is not allowed.
func mountTmpfs(t *testing.T, dir, size string) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0700,size="+size); err != nil {
		t.Skipf("no file system can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
}

// The disk is full in the middle of a run: it says so and stops; with room again the next run goes on, and asks for nothing
// that was saved. An export that does not fit leaves the old file.
func TestFullDisk(t *testing.T) {
	f := newFolder(t, fakellm.Options{AnswerBytes: 30_000})
	mountTmpfs(t, f.dir, "2m")
	f.write("arena.yaml", diskArena)
	f.write("prompts.txt", diskPrompts(40))
	code, _, said := f.try("run")
	if code != exitUnwritable || !strings.Contains(said, "no space left on device") || strings.Contains(said, "goroutine ") {
		t.Fatalf("run on a full disk: exit code %d; want %d and the reason\n%s", code, exitUnwritable, said)
	}
	before, saved := f.progress(), f.savedTexts()
	if before.Generate.Done == 0 || before.Generate.Done == before.Generate.Wanted {
		t.Errorf("%d of %d answers are saved; want some", before.Generate.Done, before.Generate.Wanted)
	}
	f.write("out.jsonl", "old")
	f.fill()
	if rows := f.openarena("export"); rows != "" {
		for _, format := range []string{"parquet", "csv"} {
			code, _, said := f.try("export", "--format", format, "-o", "out.jsonl")
			_, err := os.Stat(filepath.Join(f.dir, "openarena.json"))
			if code != exitUnwritable || f.read("out.jsonl") != "old" || err == nil {
				t.Errorf("export as %s to a full disk: exit code %d; want %d, the old file and no manifest\n%s", format, code, exitUnwritable, said)
			}
		}
		if code, _, said := f.try("export", "-o", "out.jsonl"); code != exitUnwritable || f.read("out.jsonl") != "old" {
			t.Errorf("export to a full disk: exit code %d; want %d and the old file\n%s", code, exitUnwritable, said)
		}
	}

	if err := syscall.Mount("tmpfs", f.dir, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	f.server.Reset()
	f.openarena("run")
	missing := int64(f.savedTexts() - saved)
	if calls := f.server.Stats(false).Arrivals; calls != missing {
		t.Errorf("with room again run made %d calls; want %d, for what was not saved", calls, missing)
	}
	f.openarena("db", "check")
}

// savedTexts is how many answers and judges' replies a database holds; a reply may lie there whose verdict does not yet.
func (f *folder) savedTexts() int {
	f.t.Helper()
	dump := f.openarena("db", "dump")
	return strings.Count(dump, `{"bucket":"answers"`) + strings.Count(dump, `{"bucket":"judgments"`)
}

// fill leaves no space on the disk of a folder.
func (f *folder) fill() {
	f.t.Helper()
	filler, err := os.Create(filepath.Join(f.dir, "filler"))
	if err != nil {
		f.t.Fatal(err)
	}
	defer filler.Close()
	for piece := make([]byte, 64<<10); len(piece) > 0; {
		if _, err := filler.Write(piece); err != nil {
			piece = piece[:len(piece)/2]
		}
	}
}

// The disk no longer syncs. The run ends and says why; the next one goes on with what was saved.
func TestFailingDisk(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("there is no strace on this machine")
	}
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.write("arena.yaml", diskArena)
	f.write("prompts.txt", diskPrompts(10))
	traced := func(injected string) (code int, said string) {
		code, _, said = f.runProgram(strace, "-f", "-qq", "-o", filepath.Join(f.dir, "trace"), "-e", "trace=fdatasync",
			"-e", "inject=fdatasync:"+injected, "openarena", "run", "--limit", "4")
		return code, said
	}
	f.openarena("run", "--limit", "1")
	if code, said := traced("delay_exit=1"); code != exitOK {
		t.Skipf("strace may not trace here: exit code %d\n%s", code, said)
	}
	f.write("arena.yaml", strings.ReplaceAll(diskArena, "alpha", "another")) // there is more to do
	code, said := traced("error=EIO")
	if code != exitUnwritable || !strings.Contains(said, "input/output error") || strings.Contains(said, "goroutine ") {
		t.Fatalf("run on a failing disk: exit code %d; want %d and the reason\n%s", code, exitUnwritable, said)
	}
	saved := f.savedTexts()
	f.server.Reset()
	f.openarena("run")
	if calls, want := f.server.Stats(false).Arrivals, int64(f.savedTexts()-saved); calls != want || want == 0 {
		t.Errorf("the next run made %d calls; want %d, for what was not saved", calls, want)
	}
}

// progress is what status tells of an arena.
type progress struct {
	Generate, Judge struct{ Wanted, Done, Pending int }
}

func (f *folder) progress() (p progress) {
	f.t.Helper()
	if err := json.Unmarshal([]byte(f.openarena("status", "--json")), &p); err != nil {
		f.t.Fatal(err)
	}
	return p
}

// A folder that may only be read: what reads works, what writes says which file, and nothing is left behind.
func TestReadOnlyFolder(t *testing.T) {
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	mountTmpfs(t, f.dir, "16m")
	f.write("arena.yaml", diskArena)
	f.write("prompts.txt", diskPrompts(2))
	f.openarena("run")
	before := f.read("arena.db")
	if err := syscall.Mount("tmpfs", f.dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skipf("the file system cannot be made read-only: %v", err)
	}
	for _, args := range [][]string{{"status"}, {"rate"}, {"show"}, {"export"}, {"plan"}, {"failures"}, {"db", "check"}, {"db", "dump"}} {
		f.openarena(args...)
	}
	for _, args := range [][]string{
		{"run"}, {"redo", "--model", "Alpha"}, {"export", "-o", "out.jsonl"}, {"db", "compact"}, {"db", "repair"}, {"run", "--db", "other.db"},
	} {
		code, _, said := f.try(args...)
		if code != exitUnwritable || !strings.Contains(said, f.dir) && !strings.Contains(said, "out.jsonl") {
			t.Errorf("openarena %s: exit code %d; want %d and the file's name\n%s", strings.Join(args, " "), code, exitUnwritable, said)
		}
	}
	if f.read("arena.db") != before {
		t.Error("the database was changed")
	}
}

// Texts that went bad on the disk are found, each of them, and asked for again after a repair. Then the arena is what it was.
func TestBadTextsAreAskedForAgain(t *testing.T) {
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.write("arena.yaml", diskArena)
	f.write("prompts.txt", diskPrompts(30))
	f.openarena("run")
	battles, dump := f.openarena("export", "--type", "battles"), withoutTotals(f.openarena("db", "dump"))

	bad := f.damage(dump)
	code, found, _ := f.try("db", "check")
	if n := strings.Count(found, "bad: "); code != exitDamaged || n != bad {
		t.Fatalf("db check: exit code %d and %d bad records; want %d and %d", code, n, exitDamaged, bad)
	}
	f.openarena("db", "repair")
	f.server.Reset()
	f.openarena("run")
	if calls := f.server.Stats(false).Arrivals; calls != int64(bad) {
		t.Errorf("after the repair run made %d calls; want %d, one for each bad text", calls, bad)
	}
	if f.openarena("export", "--type", "battles") != battles {
		t.Error("the battles are not what they were")
	}
	if withoutTotals(f.openarena("db", "dump")) != dump {
		t.Error("the dump is not what it was")
	}
	t.Attr("figure", fmt.Sprintf("%d of %d damaged texts found and asked for again", bad, bad))
}

// damage flips a bit in every third text of answers and judgments of a dump, wherever it lies in the file.
func (f *folder) damage(dump string) (texts int) {
	f.t.Helper()
	data := []byte(f.read("arena.db"))
	for i, line := range strings.Split(dump, "\n") {
		var record struct{ Bucket, Text string }
		if line == "" || i%3 > 0 {
			continue
		}
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			f.t.Fatal(err)
		}
		if record.Bucket != "answers" && record.Bucket != "judgments" {
			continue
		}
		places := 0
		for at := 0; ; places++ {
			next := bytes.Index(data[at:], []byte(record.Text))
			if next < 0 {
				break
			}
			at += next + len(record.Text)
			data[at-1-i%len(record.Text)] ^= 1 << (i % 8)
		}
		if record.Text == "" || places == 0 {
			f.t.Fatalf("the text of %s is not in the file", line)
		}
		texts++
	}
	f.write("arena.db", string(data))
	return texts
}

func withoutTotals(dump string) string {
	var kept strings.Builder
	for line := range strings.Lines(dump) {
		if !strings.HasPrefix(line, `{"bucket":"totals"`) {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// A database of a newer program is refused by every command, and not a byte of it is changed.
func TestNewerDatabase(t *testing.T) {
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.write("arena.yaml", diskArena)
	f.write("prompts.txt", diskPrompts(2))
	f.openarena("run")
	db, err := bbolt.Open(filepath.Join(f.dir, "arena.db"), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte{0xff}).Put([]byte("version"), binary.BigEndian.AppendUint32(nil, 99))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before := f.read("arena.db")
	f.server.Reset()
	for _, args := range [][]string{
		{"run"}, {"generate"}, {"judge"}, {"status"}, {"rate"}, {"show"}, {"export"}, {"plan"}, {"failures"}, {"redo", "--model", "Alpha"},
		{"db", "check"}, {"db", "stats"}, {"db", "dump"}, {"db", "compact"}, {"db", "repair"}, {"db", "prune", "--yes"},
	} {
		code, _, said := f.try(args...)
		if code != exitNewer || !strings.Contains(said, "newer openarena") {
			t.Errorf("openarena %s: exit code %d; want %d and advice\n%s", strings.Join(args, " "), code, exitNewer, said)
		}
	}
	if f.read("arena.db") != before {
		t.Error("the file was changed")
	}
	if entries, err := os.ReadDir(f.dir); err != nil || len(entries) != 5 { // with the export of the run, and what it was made from
		t.Errorf("files were left: %v, %v", entries, err)
	}
	if calls := f.server.Stats(false).Arrivals; calls != 0 {
		t.Errorf("%d calls were made", calls)
	}
}
