package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openarena/internal/testkit/fakehub"
)

// moment is when a program is killed: at a request, before the Hub has done anything or when it has done all.
type moment struct {
	request int
	after   bool
	what    string
}

// TestKilledUpload kills the program with SIGKILL while it uploads, and runs it again. Before, the Hub holds what it held or the
// whole commit; afterwards it holds everything in one commit, and no file that had arrived was sent again. OPENARENA_CRASH tries
// every request, before and after; else it is the telling ones.
func TestKilledUpload(t *testing.T) {
	f := bareFolder(t)
	files := map[string][]byte{"README.md": []byte("# A set\n"), "notes.txt": []byte("A note.\n")}
	for i := range 3 {
		files[fmt.Sprintf("data/%d.parquet", i)] = bytes.Repeat([]byte{byte('a' + i)}, 900)
	}
	files["data/parts.parquet"] = bytes.Repeat([]byte("parts"), 700) // 3500 bytes in parts of 1000
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := os.MkdirAll(filepath.Join(f.dir, "set", filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		f.write("set/"+name, string(files[name]))
	}
	whole := uploadHub(t, f)
	f.openarena("upload", "acme/set", "--folder", "set")
	kills, spared := moments(whole.Requests(), os.Getenv("OPENARENA_CRASH") != ""), 0
	for _, m := range kills {
		t.Run(m.what, func(t *testing.T) { spared += killedUpload(t, f, m, files) })
	}
	if !t.Failed() {
		t.Attr("figure", fmt.Sprintf("%d kills, one commit each; %d files had arrived, 0 of them were sent again", len(kills), spared))
	}
}

// uploadHub is a Hub that the folder's program finds.
func uploadHub(t *testing.T, f *folder) *fakehub.Hub {
	h := fakehub.New(t, fakehub.PartSize(1000))
	h.AddToken(hubToken, fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"acme": "write"}})
	maps.Copy(f.env, map[string]string{"HF_ENDPOINT": h.URL, "HF_TOKEN": hubToken, "HF_HOME": filepath.Join(f.dir, "hf")})
	return h
}

// moments are those to be killed at, of an upload that made these requests. Requests side by side come in another order the
// next time, so that a moment is near the request that it is called after.
func moments(undisturbed []fakehub.Request, all bool) (chosen []moment) {
	telling := regexp.MustCompile(`^(after PUT /put|before PUT /part|before POST \S+/commit/|after POST \S+/commit/)`)
	seen := map[string]bool{}
	for i, r := range undisturbed {
		for _, after := range []bool{false, true} {
			what := map[bool]string{false: "before ", true: "after "}[after] + r.Method + " " + r.Path
			kind := telling.FindString(what)
			if all || kind != "" && !seen[kind] {
				chosen = append(chosen, moment{i, after, what})
			}
			seen[kind] = true
		}
	}
	return chosen
}

// killedUpload returns how many files had arrived at the kill.
func killedUpload(t *testing.T, f *folder, m moment, files map[string][]byte) (spared int) {
	f.t = t
	h := uploadHub(t, f)
	program := make(chan *os.Process, 1)
	h.Inject(fakehub.Fault{Skip: m.request, Times: 1, Cut: !m.after, LostReply: m.after, Hook: func() {
		p := <-program
		_ = p.Kill() // it runs: it waits for this answer
		program <- p
	}})
	cmd := exec.CommandContext(t.Context(), "openarena", "upload", "acme/set", "--folder", "set")
	cmd.Dir, cmd.Env = f.dir, f.environ()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	program <- cmd.Process
	if err := cmd.Wait(); err == nil {
		t.Fatalf("it ended before request %d", m.request)
	}
	commits := h.Commits("acme/set", "main")
	if len(commits) > 2 || len(commits) == 2 && !(m.after && strings.Contains(m.what, "/commit/")) {
		t.Errorf("after the kill there are %d commits", len(commits))
	}
	if got := h.Files("acme/set", "main"); len(got) > 1 && len(got) != len(files)+1 {
		t.Errorf("after the kill there are %d of %d files: half a commit", len(got)-1, len(files))
	}
	arrived := map[string]bool{}
	for _, data := range files {
		if sha := fmt.Sprintf("%x", sha256.Sum256(data)); h.HasObject(sha) {
			arrived[sha] = true
		}
	}
	h.Heal()
	h.ForgetRequests()
	f.openarena("upload", "acme/set", "--folder", "set")
	for _, r := range h.Requests() {
		if sha, put := strings.CutPrefix(r.Path, "/put/"); put && arrived[sha] {
			t.Errorf("%s had arrived and was sent again", sha)
		}
		if parts := fmt.Sprintf("%x", sha256.Sum256(files["data/parts.parquet"])); strings.HasPrefix(r.Path, "/part/") && arrived[parts] {
			t.Error("the large file had arrived, and a part of it was sent again")
		}
	}
	got := h.Files("acme/set", "main")
	for name, data := range files {
		if !bytes.Equal(got[name], data) {
			t.Errorf("%s is %d bytes on the Hub; want %d", name, len(got[name]), len(data))
		}
	}
	if n := len(h.Commits("acme/set", "main")); n != 2 {
		t.Errorf("%d commits; want that of the new dataset and one", n)
	}
	return len(arrived)
}
