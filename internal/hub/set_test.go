package hub_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/internal/hub"
	"openarena/internal/secret"
	"openarena/internal/testkit/fakehub"
)

const id = "org/set"

// text is a file whose every place is different.
func text(lines int) []byte {
	var b bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&b, "line %07d\n", i)
	}
	return b.Bytes()
}

// client is one for a Hub, with a cache of its own.
func client(t *testing.T, at string, more ...func(*hub.Options)) *hub.Client {
	t.Helper()
	o := hub.Options{Endpoint: at, Own: t.TempDir()}
	for _, f := range more {
		f(&o)
	}
	c, err := hub.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func set(t *testing.T, c *hub.Client, revision string) *hub.Set {
	t.Helper()
	s, err := c.Set(t.Context(), id, revision)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func open(t *testing.T, c *hub.Client, s *hub.Set, name string) hub.Content {
	t.Helper()
	f, err := c.Open(t.Context(), s, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestSetIsOneCommit(t *testing.T) {
	h := fakehub.New(t, fakehub.LFSAbove(100))
	first := h.AddDataset(id, map[string][]byte{"README.md": []byte("hello"), "data/a b#.jsonl": text(50)})
	c := client(t, h.URL)
	s := set(t, c, "main")
	if s.Commit != first || len(s.Files) != 2+len(h.Files(id, first))-2 {
		t.Fatalf("Set = %+v; want commit %s", s, first)
	}
	h.AddCommit(id, "main", map[string][]byte{"data/a b#.jsonl": []byte("other")})
	got, err := io.ReadAll(open(t, c, s, "data/a b#.jsonl"))
	if err != nil || !bytes.Equal(got, text(50)) {
		t.Errorf("ReadAll = %d bytes, %v; want the file of the first commit", len(got), err)
	}
	h.ForgetRequests()
	if again := set(t, c, first); again.Commit != first || len(h.Requests()) > 0 {
		t.Errorf("a commit that is known was asked for again: %v", h.Requests())
	}
}

func TestListingInPages(t *testing.T) {
	h := fakehub.New(t, fakehub.PageSize(2))
	files := map[string][]byte{}
	for i := range 7 {
		files[fmt.Sprintf("d/%d.txt", i)] = []byte("x")
	}
	h.AddDataset(id, files)
	c := client(t, h.URL)
	whole := set(t, c, "main")
	s := &hub.Set{ID: id, Commit: whole.Commit}
	if err := hub.Tree(t.Context(), c, s); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Files, whole.Files) {
		t.Errorf("tree = %v; want the files of the first way, %v", s.Files, whole.Files)
	}
}

func TestRanges(t *testing.T) {
	h := fakehub.New(t, fakehub.LFSAbove(100))
	want := text(1000)
	h.AddDataset(id, map[string][]byte{"big.txt": want})
	c := client(t, h.URL)
	s := set(t, c, "main")
	h.ForgetRequests()
	f := open(t, c, s, "big.txt")
	read := func(off int64, n int) {
		t.Helper()
		p := make([]byte, n)
		got, err := f.ReadAt(p, off)
		end := min(off+int64(n), int64(len(want)))
		if !bytes.Equal(p[:got], want[off:end]) || (err == io.EOF) != (off+int64(n) > int64(len(want))) {
			t.Errorf("ReadAt(%d, %d) = %d bytes, %v; want those bytes", off, n, got, err)
		}
	}
	read(5, 100)
	read(9000, 100)
	read(12990, 100)
	if n := len(h.Requests()); n != 4 {
		t.Errorf("%d requests; want a redirect and three ranges: %v", n, h.Requests())
	}
	h.ExpireLinks()
	read(77, 7)
	h.Inject(fakehub.Fault{Host: "cdn", CutAfter: 30, Times: 3})
	read(100, 200)
}

func TestCutStreamsGoOn(t *testing.T) {
	h := fakehub.New(t, fakehub.LFSAbove(100))
	want := text(40_000)
	h.AddDataset(id, map[string][]byte{"big.txt": want})
	c := client(t, h.URL)
	s := set(t, c, "main")
	h.Inject(fakehub.Fault{Host: "cdn", CutAfter: 100_000, Times: 3})
	got, err := io.ReadAll(open(t, c, s, "big.txt"))
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("ReadAll = %d bytes, %v; want all %d", len(got), err, len(want))
	}
	h.Heal()
	h.Inject(fakehub.Fault{Host: "cdn", Status: 403})
	var refused *hub.Error
	if _, err := io.ReadAll(open(t, c, s, "big.txt")); !errors.As(err, &refused) || refused.Status != 403 {
		t.Errorf("ReadAll where every link is refused = %v; want that refusal", err)
	}
}

func TestServerWithoutRanges(t *testing.T) {
	h := fakehub.New(t, fakehub.LFSAbove(100))
	want := text(1000)
	h.AddDataset(id, map[string][]byte{"big.txt": want})
	h.Inject(fakehub.Fault{Host: "cdn", IgnoreRange: true})
	var told []string
	c := client(t, h.URL, func(o *hub.Options) { o.Tell = func(s string) { told = append(told, s) } })
	s := set(t, c, "main")
	h.ForgetRequests()
	f := open(t, c, s, "big.txt")
	for _, off := range []int64{5000, 7000, 9000} {
		p := make([]byte, 10)
		if _, err := f.ReadAt(p, off); err != nil || !bytes.Equal(p, want[off:off+10]) {
			t.Errorf("ReadAt(%d) = %q, %v; want those bytes", off, p, err)
		}
	}
	whole := 0
	for _, r := range h.Requests() {
		if r.Host == "cdn" {
			whole++
		}
	}
	if whole != 2 || len(told) != 1 {
		t.Errorf("%d times from the beginning, told %q; want the first try and one load that is told of", whole, told)
	}
	bare := client(t, h.URL, func(o *hub.Options) { o.Own = "" })
	if _, err := open(t, bare, s, "big.txt").ReadAt(make([]byte, 10), 50); err == nil || !strings.Contains(err.Error(), "ignores ranges") {
		t.Errorf("ReadAt without a cache = %v; want that the server ignores ranges", err)
	}
}

func TestFetchGoesOnAfterAKill(t *testing.T) {
	h := fakehub.New(t, fakehub.LFSAbove(100))
	want := text(1000)
	h.AddDataset(id, map[string][]byte{"big.txt": want, "small.txt": []byte("few")})
	for _, test := range []struct {
		why  string
		part []byte
		read int64 // from the other host
	}{
		{"nothing is there", nil, 13000},
		{"a half is there", want[:6000], 7000},
		{"something else is there", bytes.Repeat([]byte("x"), 6000), 7000 + 13000},
		{"more is there than the file has", append(bytes.Clone(want), "more"...), 0},
	} {
		t.Run(test.why, func(t *testing.T) {
			own := t.TempDir()
			c := client(t, h.URL, func(o *hub.Options) { o.Own = own })
			s := set(t, c, "main")
			f, _ := s.Find("big.txt")
			blobs := filepath.Join(own, "datasets--org--set", "blobs")
			if err := os.MkdirAll(blobs, 0o700); err != nil {
				t.Fatal(err)
			}
			if test.part != nil {
				if err := os.WriteFile(filepath.Join(blobs, f.Hash+".part"), test.part, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			h.ForgetRequests()
			for _, name := range []string{"big.txt", "small.txt"} {
				if err := c.Fetch(t.Context(), s, name); err != nil {
					t.Fatal(err)
				}
			}
			var read int64
			for _, r := range h.Requests() {
				if r.Host == "cdn" {
					read += r.Out
				}
			}
			if read != test.read {
				t.Errorf("%d bytes were loaded; want %d", read, test.read)
			}
			h.ForgetRequests()
			offline := client(t, h.URL, func(o *hub.Options) { o.Own, o.Offline = own, true })
			got, err := io.ReadAll(open(t, offline, set(t, offline, "main"), "big.txt"))
			if err != nil || !bytes.Equal(got, want) || len(h.Requests()) > 0 {
				t.Errorf("offline: %d bytes, %v, %d requests; want the file", len(got), err, len(h.Requests()))
			}
		})
	}
}

// TestPythonCache reads what huggingface_hub left, in place.
func TestPythonCache(t *testing.T) {
	h := fakehub.New(t, fakehub.LFSAbove(100))
	commit := h.AddDataset(id, map[string][]byte{"data/big.txt": text(100)})
	cache := t.TempDir()
	root := filepath.Join(cache, "datasets--org--set")
	for name, content := range map[string]string{
		"refs/main": commit, "snapshots/" + commit + "/data/big.txt": string(text(100)), "snapshots/" + commit + "/more.txt": "x",
	} {
		full := filepath.Join(root, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o755), os.WriteFile(full, []byte(content), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, offline := range []bool{false, true} {
		c := client(t, h.URL, func(o *hub.Options) { o.Cache, o.Offline = cache, offline })
		s := set(t, c, "main")
		h.ForgetRequests()
		got, err := io.ReadAll(open(t, c, s, "data/big.txt"))
		if err != nil || !bytes.Equal(got, text(100)) || len(h.Requests()) > 0 {
			t.Errorf("offline %v: %d bytes, %v, requests %v; want the file from the cache", offline, len(got), err, h.Requests())
		}
	}
	c := client(t, h.URL, func(o *hub.Options) { o.Cache, o.Offline = cache, true })
	if _, err := c.Set(t.Context(), id, "v2"); err == nil || !strings.Contains(err.Error(), "HF_HUB_OFFLINE") {
		t.Errorf("Set of an unknown revision offline = %v; want that it is offline", err)
	}
}

func TestWhoMayRead(t *testing.T) {
	h := fakehub.New(t)
	h.AddDataset("org/private", map[string][]byte{"a.txt": []byte("x")}, fakehub.Private())
	h.AddDataset("org/gated", map[string][]byte{"a.txt": []byte("x")}, fakehub.Gated())
	h.AddToken("hf_other", fakehub.Account{User: "other"})
	for _, test := range []struct{ id, token, want string }{
		{"org/private", "", "or it is private"},
		{"org/private", "hf_other", "your token may not read it"},
		{"org/none", "", "no dataset org/none"},
		{"org/gated", "", "ask for access at " + h.URL + "/datasets/org/gated"},
		{"org/gated", "hf_other", "has no access"},
		{"../etc", "", "not the name of a dataset"},
	} {
		c := client(t, h.URL, func(o *hub.Options) { o.Token = secret.New(test.token) })
		s, err := c.Set(t.Context(), test.id, "main")
		if err == nil {
			_, err = c.ReadFile(t.Context(), s, "a.txt", 100)
		}
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s with token %q: %v; want %q", test.id, test.token, err, test.want)
		}
	}
}
