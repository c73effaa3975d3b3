package hub

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"openarena/internal/testkit/fakehub"
)

// patient is a client for a fake Hub that may write to ada's and the lab's datasets, and really waits for nothing.
func patient(t *testing.T, h *fakehub.Hub) *Client {
	t.Helper()
	h.AddToken(token, fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"lab": "write", "readers": "read"}})
	c, _ := client(t, h.URL)
	var mu sync.Mutex
	c.wait = func(ctx context.Context, d time.Duration) error {
		mu.Lock()
		defer mu.Unlock()
		c.pace.mu.Lock()
		clear(c.pace.free)
		c.pace.mu.Unlock()
		return ctx.Err()
	}
	return c
}

// data is that of an upload of one text, one file in parts, one whole and one that is empty; PartSize is 1000.
func data() map[string][]byte {
	return map[string][]byte{
		"README.md":          []byte("# A set\n"),
		"data/a.parquet":     bytes.Repeat([]byte("0123456789"), 345),
		"data/b.parquet":     []byte("PAR1 short PAR1"),
		"data/empty.parquet": {},
	}
}

// staged always wants the same.
func staged(files map[string][]byte, remove ...string) func(context.Context, *Head) (Change, error) {
	return func(context.Context, *Head) (Change, error) {
		c := Change{Remove: remove}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			c.Files = append(c.Files, Bytes(name, files[name]))
		}
		return c, nil
	}
}

// put are the requests that carried data to storage, by what became of them.
func put(h *fakehub.Hub) (all []fakehub.Request) {
	for _, r := range h.Requests() {
		if r.Method == "PUT" {
			all = append(all, r)
		}
	}
	return all
}

func holds(t *testing.T, h *fakehub.Hub, id, revision string, want map[string][]byte) {
	t.Helper()
	got := h.Files(id, revision)
	delete(got, ".gitattributes")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s at %s (-want +got):\n%s", id, revision, diff)
	}
}

func states(u *Uploaded) map[string]string {
	all := map[string]string{}
	for _, f := range u.Files {
		all[f.Path] = f.State
	}
	return all
}

func TestUpload(t *testing.T) {
	h := fakehub.New(t, fakehub.PartSize(1000))
	c := patient(t, h)
	progress := &Progress{}
	u, err := c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "first", Stage: staged(data()), Progress: progress})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, h, "lab/set", "main", data())
	commits := h.Commits("lab/set", "main")
	if len(commits) != 2 || commits[0].Title != "first" || u.Commit != commits[0].ID {
		t.Errorf("commits are %v, the upload's %s; want one beside the first", commits, u.Commit)
	}
	if !h.IsPrivate("lab/set") || !u.Private || !u.Created || !u.Changed || u.URL != h.URL+"/datasets/lab/set" {
		t.Errorf("Upload = %+v, private: %t; want a new private dataset with its address", u, h.IsPrivate("lab/set"))
	}
	if n := len(put(h)); n != 5 || u.Bytes != 3450+15 || progress.Sent.Load() != u.Bytes || progress.ToSend.Load() != u.Bytes {
		t.Errorf("%d requests with data, %d bytes, progress %d of %d; want 4 parts and a whole file", n, u.Bytes, progress.Sent.Load(), progress.ToSend.Load())
	}

	if looked, all := progress.Hashed.Load(), progress.ToHash.Load(); looked != all {
		t.Errorf("%d bytes of %d were looked at in the end", looked, all)
	}

	h.ForgetRequests()
	again, err := c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "second", Stage: staged(data())})
	if err != nil {
		t.Fatal(err)
	}
	if len(put(h)) > 0 || again.Bytes > 0 || again.Changed || again.Commit != u.Commit || len(h.Commits("lab/set", "main")) != 2 {
		t.Errorf("the same again = %+v with %v; want nothing sent, and no commit", again, put(h))
	}

	h.ForgetRequests()
	moved := data()
	moved["data/c.parquet"] = moved["data/a.parquet"]
	delete(moved, "data/a.parquet")
	third, err := c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "third", Stage: staged(moved, "data/a.parquet", "data/never.parquet")})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, h, "lab/set", "main", moved)
	if len(put(h)) > 0 || states(third)["data/c.parquet"] != StateKnown || !slices.Equal(third.Removed, []string{"data/a.parquet"}) {
		t.Errorf("another name for the same bytes = %+v with %v; want a commit without data", third, put(h))
	}
}

func TestUploadManyFiles(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	files := map[string][]byte{}
	for i := range 300 {
		files[fmt.Sprintf("data/%03d.txt", i)] = fmt.Appendf(nil, "file %d", i)
	}
	if _, err := c.Upload(t.Context(), Upload{Repo: "ada/many", Public: true, Message: "many", Stage: staged(files)}); err != nil {
		t.Fatal(err)
	}
	holds(t, h, "ada/many", "main", files)
	if h.IsPrivate("ada/many") {
		t.Error("the dataset is private; want what was asked for")
	}
}

func TestUploadSurvives(t *testing.T) {
	for _, test := range []struct {
		about string
		fault fakehub.Fault
		puts  int // requests with data, at most
	}{
		{"the answer to the commit is lost", fakehub.Fault{Path: "/commit/main", LostReply: true, Times: 1}, 5},
		{"every commit's answer but the last is lost", fakehub.Fault{Path: "/commit/main", LostReply: true, Times: 3}, 5},
		{"the commit does not arrive", fakehub.Fault{Path: "/commit/main", Cut: true, Times: 2}, 5},
		{"the Hub is down for the commit", fakehub.Fault{Path: "/commit/main", Status: 503, Times: 2}, 5},
		{"a part is lost", fakehub.Fault{Host: "cdn", Path: "/part/", Cut: true, Times: 2, Skip: 1}, 7},
		{"storage is slow down", fakehub.Fault{Host: "cdn", Method: "PUT", Status: 503, Times: 3}, 8},
		{"the answers about parts are lost", fakehub.Fault{Host: "cdn", Path: "/part/", LostReply: true, Times: 2}, 7},
		{"a link has run out", fakehub.Fault{Host: "cdn", Path: "/put/", Status: 403, Times: 1}, 6},
		{"the limit of requests is reached", fakehub.Fault{Path: "/preupload/", Status: 429, Times: 2, Header: fakehub.RateLimited("api", 55)}, 5},
		{"the dataset is there already, or somebody made it just now", fakehub.Fault{Path: "/api/repos/create", LostReply: true, Times: 1}, 5},
		{"the parts are put together unheard", fakehub.Fault{Path: "/objects/verify", Status: 502, Times: 1}, 5},
	} {
		t.Run(test.about, func(t *testing.T) {
			h := fakehub.New(t, fakehub.PartSize(1000))
			c := patient(t, h)
			h.Inject(test.fault)
			u, err := c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "once", Stage: staged(data())})
			if err != nil {
				t.Fatal(err)
			}
			if state := states(u)["README.md"]; !u.Changed || !u.Created || state != StateSent || u.Commit != h.Commits("lab/set", "main")[0].ID {
				t.Errorf("Upload = %+v; want to be told of the commit that was made", u)
			}
			holds(t, h, "lab/set", "main", data())
			if all := h.Commits("lab/set", "main"); len(all) != 2 {
				t.Errorf("%d commits beside the first: %v; want one", len(all)-1, all)
			}
			if n := len(put(h)); n > test.puts {
				t.Errorf("%d requests with data; want at most %d:\n%v", n, test.puts, put(h))
			}
		})
	}
}

// TestUploadAfterAKill ends an upload between its objects; the next sends the rest alone.
func TestUploadAfterAKill(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	files := map[string][]byte{}
	for i := range 8 {
		files[fmt.Sprintf("data/%d.parquet", i)] = bytes.Repeat([]byte{byte(i)}, 1000)
	}
	// Each file is opened for its sample, its hash and its way; so many ways at once, so that one has ended when this kills.
	ctx, kill := context.WithCancel(t.Context())
	var opened atomic.Int64
	stage := func(ctx context.Context, at *Head) (Change, error) {
		change, err := staged(files)(ctx, at)
		for i, f := range change.Files {
			change.Files[i].Open = func() (Source, error) {
				if opened.Add(1) > 2*8+together {
					kill()
				}
				return f.Open()
			}
		}
		return change, err
	}
	if _, err := c.Upload(ctx, Upload{Repo: "lab/set", Message: "killed", Stage: stage}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Upload = %v; want that it was cancelled", err)
	}
	if n := len(h.Commits("lab/set", "main")); n != 1 {
		t.Fatalf("%d commits; want only the first, of the new dataset", n)
	}
	arrived := map[string]bool{}
	for _, data := range files {
		if sha := fmt.Sprintf("%x", sha256.Sum256(data)); h.HasObject(sha) {
			arrived["/put/"+sha] = true
		}
	}
	h.ForgetRequests()
	u, err := c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "again", Stage: staged(files)})
	if err != nil {
		t.Fatal(err)
	}
	holds(t, h, "lab/set", "main", files)
	known := 0
	for _, s := range states(u) {
		if s == StateKnown {
			known++
		}
	}
	if len(arrived) == 0 || known < len(arrived) || u.Bytes != int64(8-known)*1000 {
		t.Errorf("%d objects had arrived, %d were known, %d bytes sent; want what had arrived not sent again", len(arrived), known, u.Bytes)
	}
	for _, r := range put(h) { // what was on its way when the first was killed may be among these
		if arrived[r.Path] {
			t.Errorf("%s had arrived and was sent again", r.Path)
		}
	}
}

// TestUploadBesideAnother has somebody else commit while files are sent: what they wrote stays, and is looked at.
func TestUploadBesideAnother(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	h.AddDataset("lab/set", map[string][]byte{"notes.txt": []byte("old")})
	asked := 0
	stage := func(ctx context.Context, at *Head) (Change, error) {
		if asked++; asked == 1 {
			h.AddCommit("lab/set", "main", map[string][]byte{"notes.txt": []byte("new")})
		}
		return staged(data())(ctx, at)
	}
	if _, err := c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "mine", Stage: stage}); err != nil {
		t.Fatal(err)
	}
	want := data()
	want["notes.txt"] = []byte("new")
	holds(t, h, "lab/set", "main", want)
	if asked != 2 {
		t.Errorf("staged %d times; want twice, for the second head too", asked)
	}
}

func TestUploadProposes(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	h.AddDataset("others/set", map[string][]byte{"README.md": []byte("theirs")})
	h.Inject(fakehub.Fault{Path: "/commit/main", LostReply: true, Times: 1})
	for range 2 { // the second time it is there
		u, err := c.Upload(t.Context(), Upload{Repo: "others/set", PR: true, Message: "a proposal", Stage: staged(data())})
		if err != nil {
			t.Fatal(err)
		}
		if u.PullRequest != h.URL+"/datasets/others/set/discussions/1" || u.URL != u.PullRequest {
			t.Errorf("Upload = %+v; want the address of the one pull request", u)
		}
	}
	holds(t, h, "others/set", "main", map[string][]byte{"README.md": []byte("theirs")})
	holds(t, h, "others/set", "refs/pr/1", data())
	if h.Files("others/set", "refs/pr/2") != nil {
		t.Error("there is a second pull request; want one")
	}
}

func TestDryRun(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	h.AddDataset("lab/set", map[string][]byte{"README.md": data()["README.md"]})
	for id, want := range map[string]map[string]string{
		"lab/new": {"README.md": StateSent, "data/a.parquet": StateSent, "data/b.parquet": StateSent, "data/empty.parquet": StateSent},
		"lab/set": {"README.md": StateUnchanged, "data/a.parquet": StateSent, "data/b.parquet": StateSent, "data/empty.parquet": StateSent},
	} {
		u, err := c.Upload(t.Context(), Upload{Repo: id, DryRun: true, Message: "dry", Stage: staged(data())})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, states(u)); diff != "" || !u.Changed || u.Created != (id == "lab/new") {
			t.Errorf("%s: %+v (-want +got):\n%s", id, u, diff)
		}
	}
	if h.Files("lab/new", "main") != nil || len(put(h)) > 0 || len(h.Commits("lab/set", "main")) != 2 {
		t.Error("a dry run changed the Hub")
	}
}

func TestUploadRefused(t *testing.T) {
	for _, test := range []struct {
		about, id string
		account   fakehub.Account
		fault     fakehub.Fault
		want      string
	}{
		{"a name without an owner", "set", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{}, "name it as ORG/NAME"},
		{"a name that climbs", "lab/..", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{}, "no name of a dataset"},
		{"a model", "models/lab", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{}, "none of the Hub's datasets"},
		{"a token that reads", "ada/set", fakehub.Account{User: "ada", Role: "read"}, fakehub.Fault{}, "may only read"},
		{"an organisation of others", "lab/set", fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"mine": "admin"}}, fakehub.Fault{}, "only to that of ada, mine"},
		{"a reader of an organisation", "lab/set", fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"lab": "read"}}, fakehub.Fault{}, "only to that of ada"},
		{"a set that is there and others'", "there/set", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{}, "may not write to what there owns"},
		{"a fine-grained token for another set", "lab/set", fakehub.Account{User: "ada", Role: "fineGrained", Orgs: map[string]string{"lab": "write"},
			Scopes: map[string][]string{"lab/other": {"repo.write"}}}, fakehub.Fault{}, "fine-grained token of ada may not write to lab/set"},
		{"a page in place of an answer", "ada/set", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{HTML: true}, "a web page (HTML"},
		{"an answer that is none", "ada/set", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{Path: "whoami", CutAfter: 10}, "cannot be read"},
		{"nobody there", "ada/set", fakehub.Account{User: "ada", Role: "write"}, fakehub.Fault{Cut: true}, "cannot be reached"},
	} {
		h := fakehub.New(t)
		c := patient(t, h)
		h.AddToken(token, test.account)
		h.AddDataset("there/set", nil)
		if test.fault.HTML || test.fault.Cut || test.fault.Path != "" {
			h.Inject(test.fault)
		}
		_, err := c.Preflight(t.Context(), Upload{Repo: test.id})
		if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), token) {
			t.Errorf("%s: Preflight = %v; want %q in it", test.about, err, test.want)
		}
	}
}

func TestPreflightLetsIn(t *testing.T) {
	for _, test := range []struct {
		about, id string
		account   fakehub.Account
		pr        bool
	}{
		{"one's own, new", "ada/set", fakehub.Account{User: "ada", Role: "write"}, false},
		{"an organisation's, new", "lab/set", fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"lab": "contributor"}}, false},
		{"one that is there", "there/set", fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"there": "admin"}}, false},
		{"a fine-grained token for the organisation", "lab/set", fakehub.Account{User: "ada", Role: "fineGrained", Orgs: map[string]string{"lab": "write"},
			Scopes: map[string][]string{"lab": {"repo.write"}}}, false},
		{"a proposal to others", "there/set", fakehub.Account{User: "ada", Role: "write"}, true},
	} {
		h := fakehub.New(t)
		c := patient(t, h)
		h.AddToken(token, test.account)
		h.AddDataset("there/set", nil)
		if _, err := c.Preflight(t.Context(), Upload{Repo: test.id, PR: test.pr}); err != nil {
			t.Errorf("%s: Preflight = %v; want none", test.about, err)
		}
		if len(h.Commits("there/set", "main")) != 2 || h.Files("ada/set", "main") != nil || h.Files("lab/set", "main") != nil {
			t.Errorf("%s: Preflight changed the Hub", test.about)
		}
	}
}

// TestUploadOfAChangingFile: what is sent is what was hashed, or nothing is committed.
func TestUploadOfAChangingFile(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	name := filepath.Join(t.TempDir(), "a.parquet")
	if err := os.WriteFile(name, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Local("a.parquet", name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte("afterwards"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "m", Stage: func(context.Context, *Head) (Change, error) {
		return Change{Files: []File{f}}, nil
	}})
	if err == nil || !strings.Contains(err.Error(), "changed while it was being uploaded") || len(h.Commits("lab/set", "main")) != 1 {
		t.Errorf("Upload = %v; want a word on the file, and no commit", err)
	}
}

// TestUploadOfATextThatChanges changes a file that the commit itself holds, after it was looked at.
func TestUploadOfATextThatChanges(t *testing.T) {
	h := fakehub.New(t)
	c := patient(t, h)
	name := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(name, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Local("notes.txt", name)
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	open := f.Open
	f.Open = func() (Source, error) {
		if opened++; opened == 2 { // the first was for a sample
			if err := os.WriteFile(name, []byte("afterwards"), 0o600); err != nil {
				t.Error(err)
			}
		}
		return open()
	}
	_, err = c.Upload(t.Context(), Upload{Repo: "lab/set", Message: "m", Stage: func(context.Context, *Head) (Change, error) {
		return Change{Files: []File{f}}, nil
	}})
	if err == nil || !strings.Contains(err.Error(), "changed while it was being uploaded") || strings.Contains(err.Error(), "reached") {
		t.Errorf("Upload = %v; want a word on the file, and none on the network", err)
	}
	if opened != 2 || len(h.Commits("lab/set", "main")) != 1 {
		t.Errorf("it was opened %d times; want no other attempt, and no commit", opened)
	}
}

func TestSlices(t *testing.T) {
	for _, test := range []struct {
		about  string
		header map[string]string
		size   int64
		want   []slice
	}{
		{"a whole number of parts", map[string]string{"chunk_size": "5", "1": "a", "2": "b"}, 10, []slice{{"a", 0, 5}, {"b", 5, 5}}},
		{"a short last part", map[string]string{"chunk_size": "5", "00001": "a", "00002": "b", "00003": "c"}, 11, []slice{{"a", 0, 5}, {"b", 5, 5}, {"c", 10, 1}}},
		{"a place is missing", map[string]string{"chunk_size": "5", "1": "a"}, 10, nil},
		{"a place too many", map[string]string{"chunk_size": "5", "1": "a", "2": "b", "3": "c"}, 10, nil},
		{"they are numbered from 0", map[string]string{"chunk_size": "5", "0": "a", "1": "b"}, 10, nil},
		{"no size", map[string]string{"chunk_size": "0", "1": "a"}, 10, nil},
		{"no number", map[string]string{"chunk_size": "many", "1": "a"}, 10, nil},
	} {
		got, ok := action{Header: test.header}.slices(test.size)
		if !slices.Equal(got, test.want) || ok != (test.want != nil) {
			t.Errorf("%s: %v, %t; want %v", test.about, got, ok, test.want)
		}
	}
}

func TestCommitBody(t *testing.T) {
	u := &upload{Upload: Upload{Message: "a \"title\"\nin a line", Description: "more"}}
	u.result.Removed = []string{"old.txt"}
	files := []planned{
		{File: Bytes("a.txt", []byte("hi"))}, {File: Bytes("ü \".txt", []byte("hello"))}, {File: Bytes("b.parquet", []byte("PAR1")), large: true, oid: "abc"},
		{File: Bytes("empty", nil)},
	}
	b, err := newCommitBody(u, &Head{Commit: "c0ffee"}, files)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.open()
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"key":"header","value":{"description":"more","parentCommit":"c0ffee","summary":"a \"title\"\nin a line"}}
{"key":"deletedFile","value":{"path":"old.txt"}}
{"key":"file","value":{"encoding":"base64","path":"a.txt","content":"aGk="}}
{"key":"file","value":{"encoding":"base64","path":"ü \".txt","content":"aGVsbG8="}}
{"key":"lfsFile","value":{"algo":"sha256","oid":"abc","path":"b.parquet","size":4}}
{"key":"file","value":{"encoding":"base64","path":"empty","content":""}}
`
	if diff := cmp.Diff(want, string(got)); diff != "" || int64(len(got)) != b.size {
		t.Errorf("size %d of %d (-want +got):\n%s", b.size, len(got), diff)
	}
}
