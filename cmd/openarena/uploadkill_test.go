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
	"strings"
	"testing"

	"openarena/internal/testkit/fakehub"
	"openarena/internal/testkit/fakellm"
)

// moment is when a program is killed: at a request, before the Hub has done anything or when it has done all.
type moment struct {
	request int
	after   bool
	what    string
}

// TestKilledUpload kills the program with SIGKILL while it uploads, and runs it again. Before, the Hub holds what it held or the
// whole commit; afterwards it holds what it holds after a calm upload, in one commit, and no file that had arrived was sent again.
// OPENARENA_CRASH tries every request, before and after, of a folder's upload and of one at the end of a run; else it is the
// telling ones of the folder's.
func TestKilledUpload(t *testing.T) {
	f := newFolder(t, fakellm.Options{AnswerBytes: 120})
	f.write("prompts.txt", "red\ngreen\nblue\n")
	f.write("arena.yaml", `default_endpoint: {url: "${URL}"}
models: [{name: Ada, model_id: ada}, {name: Bob, model_id: bob}]
judge_model: {name: Judge, model_id: judge}
datasets: [{path: prompts.txt}]
export: [{type: ranked, path: ranked.jsonl, upload: acme/set}]
`)
	files := map[string]string{"README.md": "# A set\n", "notes.txt": "A note.\n", "data/parts.parquet": strings.Repeat("parts", 700)} // parts of 1000
	for i := range 3 {
		files[fmt.Sprintf("data/%d.parquet", i)] = strings.Repeat(string(rune('a'+i)), 900)
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(f.dir, "set", filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		f.write("set/"+name, text)
	}
	all := os.Getenv("OPENARENA_CRASH") != ""
	f.killUploads(t, all, "upload", "acme/set", "--folder", "set")
	if all {
		f.killUploads(t, all, "run")
		if calls := f.server.Stats(false).Replies; calls != 12 {
			t.Errorf("the models had %d calls; want 12: those of the first run", calls)
		}
	}
}

// killUploads has a command upload undisturbed, and then be killed at each of the chosen moments.
func (f *folder) killUploads(t *testing.T, all bool, args ...string) {
	calm := uploadHub(t, f)
	f.openarena(args...)
	kills, spared := moments(calm.Requests(), all), 0
	for _, m := range kills {
		t.Run(args[0]+" "+m.what, func(t *testing.T) {
			in := *f
			in.t = t
			spared += in.killedUpload(m, calm.Files("acme/set", "main"), args)
		})
	}
	if !t.Failed() {
		t.Attr("figure", fmt.Sprintf("%s: %d kills, one commit each; %d files had arrived, 0 of them were sent again", args[0], len(kills), spared))
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
func (f *folder) killedUpload(m moment, want map[string][]byte, args []string) (spared int) {
	t := f.t
	t.Helper()
	h := uploadHub(t, f)
	f.kill(h, m, args)
	commits := h.Commits("acme/set", "main")
	if len(commits) > 2 || len(commits) == 2 && !(m.after && strings.Contains(m.what, "/commit/")) {
		t.Errorf("after the kill there are %d commits", len(commits))
	}
	if got := h.Files("acme/set", "main"); len(got) > 1 && len(got) != len(want) {
		t.Errorf("after the kill there are %d of %d files: half a commit", len(got), len(want))
	}
	arrived := map[string]bool{}
	for _, data := range want {
		if sha := fmt.Sprintf("%x", sha256.Sum256(data)); h.HasObject(sha) {
			arrived[sha] = true
		}
	}
	h.ForgetRequests()
	f.openarena(args...)
	for _, r := range h.Requests() {
		if sha, put := strings.CutPrefix(r.Path, "/put/"); put && arrived[sha] {
			t.Errorf("%s had arrived and was sent again", sha)
		}
		if parts := fmt.Sprintf("%x", sha256.Sum256(want["data/parts.parquet"])); strings.HasPrefix(r.Path, "/part/") && arrived[parts] {
			t.Error("the large file had arrived, and a part of it was sent again")
		}
	}
	if got := h.Files("acme/set", "main"); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("the Hub holds %v; want what a calm upload brings: %v", sizes(got), sizes(want))
	}
	if n := len(h.Commits("acme/set", "main")); n != 2 {
		t.Errorf("%d commits; want that of the new dataset and one", n)
	}
	return len(arrived)
}

// kill runs a command that is killed at a moment.
func (f *folder) kill(h *fakehub.Hub, m moment, args []string) {
	f.t.Helper()
	program := make(chan *os.Process, 1)
	h.Inject(fakehub.Fault{Skip: m.request, Times: 1, Cut: !m.after, LostReply: m.after, Hook: func() {
		_ = (<-program).Kill() // it runs: it waits for this answer
	}})
	defer h.Heal()
	cmd := exec.CommandContext(f.t.Context(), "openarena", args...)
	cmd.Dir, cmd.Env = f.dir, f.environ()
	if err := cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	program <- cmd.Process
	if err := cmd.Wait(); err == nil {
		f.t.Fatalf("it ended before request %d", m.request)
	}
}

func sizes(files map[string][]byte) map[string]int {
	all := map[string]int{}
	for name, data := range files {
		all[name] = len(data)
	}
	return all
}
