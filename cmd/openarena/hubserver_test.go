package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"openarena/internal/testkit/fakehub"
)

type hubKey struct{}

// hubToken may write to datasets of acme and of ada; scriptKey is no token of the Hub.
const hubToken = "hf_canary_ada_0123456789"

// theHub is the fake Hub of a script.
func theHub(ts *testscript.TestScript) *fakehub.Hub {
	h, ok := ts.Value(hubKey{}).(**fakehub.Hub)
	if !ok || *h == nil {
		ts.Fatalf("there is no Hub yet: hub starts one")
	}
	return *h
}

// hub starts a fake Hub that ends with the script, and sets HF_ENDPOINT, an HF_HOME with nothing in it, and HUB_TOKEN for
// whoever wants to be ada (HF_TOKEN is empty). A token at another host fails the script.
func startHub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: hub")
	}
	h, err := fakehub.Start("127.0.0.1:0", fakehub.PageSize(3), fakehub.PartSize(1<<20))
	ts.Check(err)
	*ts.Value(hubKey{}).(**fakehub.Hub) = h
	ts.Defer(func() {
		ts.Check(h.Close())
		if leaks := h.Leaks(); len(leaks) > 0 {
			ts.Fatalf("a token was sent to another host: %q", leaks)
		}
	})
	h.AddToken(hubToken, fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"acme": "write"}})
	h.AddToken("hf_reader", fakehub.Account{User: "eve", Role: "read"})
	ts.Setenv("HF_ENDPOINT", h.URL)
	ts.Setenv("HF_HOME", filepath.Join(ts.Getenv("WORK"), ".hf"))
	ts.Setenv("HF_TOKEN", "")
	ts.Setenv("OPENARENA_CACHE", filepath.Join(ts.Getenv("WORK"), ".cache"))
	ts.Setenv("HUB_TOKEN", hubToken)
}

// hubset OWNER/NAME FOLDER [private|gated] puts a folder on the Hub as a dataset; once more, and it is its next commit.
func hubSet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: hubset OWNER/NAME FOLDER [private|gated]")
	}
	h, root, files := theHub(ts), ts.MkAbs(args[1]), map[string][]byte{}
	ts.Check(filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		inside, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(inside)], err = os.ReadFile(name)
		return err
	}))
	if h.Files(args[0], "main") != nil && len(args) == 2 {
		h.AddCommit(args[0], "main", files)
		return
	}
	var how []fakehub.AddOption
	if len(args) == 3 {
		how = append(how, map[string]fakehub.AddOption{"private": fakehub.Private(), "gated": fakehub.Gated()}[args[2]])
	}
	h.AddDataset(args[0], files, how...)
}

// hubget OWNER/NAME FILE [REVISION] prints a file of the Hub into the file of that base name; negated, there must be none.
func hubGet(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: hubget OWNER/NAME FILE [REVISION]")
	}
	revision := "main"
	if len(args) == 3 {
		revision = args[2]
	}
	data, ok := theHub(ts).Files(args[0], revision)[args[1]]
	if ok == neg {
		ts.Fatalf("%s of %s at %s: there is one: %v", args[1], args[0], revision, ok)
	}
	if ok {
		ts.Check(os.WriteFile(ts.MkAbs(filepath.Base(args[1])), data, 0o600))
	}
}

// hubfault JSON injects a fakehub.Fault, such as {"path": "/tree/", "times": 1, "status": 503}; without JSON all end.
func hubFault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 1 {
		ts.Fatalf("usage: hubfault [JSON]")
	}
	if len(args) == 0 {
		theHub(ts).Heal()
		return
	}
	var f fakehub.Fault
	ts.Check(json.Unmarshal([]byte(args[0]), &f))
	theHub(ts).Inject(f)
}

// hubasked N [REGEXP] wants so many requests since the last hubasked, among those whose line (see fakehub.Request) fits.
func hubAsked(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: hubasked N [REGEXP]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	fits := regexp.MustCompile(append(args, "")[1])
	h := theHub(ts)
	n := 0
	for _, r := range h.Requests() {
		ts.Logf("%s", r)
		if fits.MatchString(r.String()) {
			n++
		}
	}
	if n != want {
		ts.Fatalf("%d requests that fit %q; want %d", n, fits, want)
	}
	h.ForgetRequests()
}

// hubcommits N OWNER/NAME [REF] wants so many commits.
func hubCommits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: hubcommits N OWNER/NAME [REF]")
	}
	if got := strconv.Itoa(len(theHub(ts).Commits(args[1], append(args, "main")[2]))); got != args[0] {
		ts.Fatalf("%s has %s commits; want %s", args[1], got, args[0])
	}
}
