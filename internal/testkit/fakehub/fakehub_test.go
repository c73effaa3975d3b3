package fakehub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// visitor asks a Hub and follows nothing.
type visitor struct {
	*testing.T
	hub   *Hub
	token string
}

func (v visitor) do(method, address, body string, header ...string) (*http.Response, string) {
	v.Helper()
	r, err := http.NewRequestWithContext(v.Context(), method, address, strings.NewReader(body))
	if err != nil {
		v.Fatal(err)
	}
	if v.token != "" && strings.HasPrefix(address, v.hub.URL) {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	got, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		v.Fatal(err)
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	if err != nil {
		v.Fatal(err)
	}
	return got, string(text)
}

func (v visitor) get(path string, header ...string) (*http.Response, string) {
	v.Helper()
	return v.do("GET", v.hub.URL+path, "", header...)
}

// post sends JSON and wants a status.
func (v visitor) post(path string, body any, want int) (answer map[string]any) {
	v.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		v.Fatal(err)
	}
	got, text := v.do("POST", v.hub.URL+path, string(data), "Content-Type", "application/json")
	if got.StatusCode != want {
		v.Fatalf("POST %s: %s %s; want %d", path, got.Status, text, want)
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		v.Fatal(err)
	}
	return answer
}

func TestReading(t *testing.T) {
	h := New(t, PageSize(2))
	big := bytes.Repeat([]byte("0123456789"), 1000)
	sha := h.AddDataset("acme/set", map[string][]byte{"README.md": []byte("hello"), "data/a.parquet": big, "data/deep/b.csv": []byte("x")})
	v := visitor{T: t, hub: h}

	_, text := v.get("/api/datasets/acme/set/revision/main")
	if !strings.Contains(text, `"sha":"`+sha+`"`) || !strings.Contains(text, `"rfilename":"data/a.parquet"`) {
		t.Errorf("the revision is %s; want %s and its files", text, sha)
	}
	var paths []string
	next := "/api/datasets/acme/set/tree/main?recursive=true"
	for pages := 0; next != ""; pages++ {
		got, text := v.get(next)
		var page []struct{ Path string }
		if err := json.Unmarshal([]byte(text), &page); err != nil || len(page) > 2 || pages > 9 {
			t.Fatalf("page %d is %s (%v)", pages, text, err)
		}
		for _, e := range page {
			paths = append(paths, e.Path)
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(got.Header.Get("Link"), "<"+h.URL), ">")
	}
	if want := ".gitattributes README.md data data/a.parquet data/deep data/deep/b.csv"; strings.Join(paths, " ") != want {
		t.Errorf("the tree is %v; want %s", paths, want)
	}

	got, _ := v.do("HEAD", h.URL+"/datasets/acme/set/resolve/main/data/a.parquet", "")
	link := got.Header.Get("Location")
	if got.StatusCode != 302 || !strings.HasPrefix(link, h.CDN) || got.Header.Get("X-Linked-Size") != "10000" || got.Header.Get("X-Repo-Commit") != sha {
		t.Fatalf("HEAD of a large file: %s %v", got.Status, got.Header)
	}
	if got, text := v.do("GET", link, "", "Range", "bytes=3-5"); got.StatusCode != 206 || text != "345" {
		t.Errorf("a range of the large file: %s %q; want 345", got.Status, text)
	}
	h.ExpireLinks()
	if got, _ := v.do("GET", link, ""); got.StatusCode != 403 {
		t.Errorf("an expired link: %s; want 403", got.Status)
	}
	got, _ = v.get("/datasets/acme/set/resolve/" + sha + "/README.md")
	small := got.Header.Get("Location")
	if got.StatusCode != 307 || !strings.HasPrefix(small, "/api/resolve-cache/") {
		t.Fatalf("a small file: %s to %q; want a relative redirect", got.Status, small)
	}
	if got, text := v.get(small); text != "hello" || got.Header.Get("ETag") != `"`+blob([]byte("hello"))+`"` {
		t.Errorf("the small file is %q with %v", text, got.Header)
	}
}

func TestRefusals(t *testing.T) {
	h := New(t)
	h.AddToken("hf_eve", Account{User: "eve", Role: "read"})
	h.AddToken("hf_ada", Account{User: "ada", Role: "read", Orgs: map[string]string{"acme": "read"}})
	file := map[string][]byte{"a.txt": []byte("a")}
	h.AddDataset("acme/open", file)
	h.AddDataset("acme/hidden", file, Private())
	h.AddDataset("acme/gated", file, Gated("bob"))
	for _, row := range []struct {
		token, path string
		status      int
		code        string
	}{
		{"", "/api/datasets/acme/open", 200, ""},
		{"", "/api/datasets/acme/none", 401, ""},
		{"hf_eve", "/api/datasets/acme/none", 404, "RepoNotFound"},
		{"", "/api/datasets/acme/hidden", 401, ""},
		{"hf_eve", "/api/datasets/acme/hidden", 404, "RepoNotFound"},
		{"hf_ada", "/api/datasets/acme/hidden", 200, ""},
		{"hf_unknown", "/api/datasets/acme/open", 401, ""},
		{"", "/api/datasets/acme/open/revision/none", 404, "RevisionNotFound"},
		{"", "/api/datasets/acme/open/tree/main/none", 404, "EntryNotFound"},
		{"", "/datasets/acme/open/resolve/main/none", 404, "EntryNotFound"},
		{"", "/datasets/acme/open/resolve/none/a.txt", 404, "RevisionNotFound"},
		{"", "/api/datasets/acme/gated", 200, ""},
		{"", "/datasets/acme/gated/resolve/main/a.txt", 401, "GatedRepo"},
		{"hf_eve", "/datasets/acme/gated/resolve/main/a.txt", 403, "GatedRepo"},
		{"hf_ada", "/datasets/acme/gated/resolve/main/a.txt", 307, ""},
		{"", "/api/whoami-v2", 401, ""},
		{"hf_ada", "/api/whoami-v2", 200, ""},
	} {
		got, text := visitor{t, h, row.token}.get(row.path)
		if got.StatusCode != row.status || got.Header.Get("X-Error-Code") != row.code {
			t.Errorf("GET %s as %q = %s %s %s; want %d %s", row.path, row.token, got.Status, got.Header.Get("X-Error-Code"), text, row.status, row.code)
		}
	}
}

// put uploads what a batch planned for an object, and says whether there was anything to do.
func (v visitor) put(id string, data []byte) bool {
	v.Helper()
	sum := sha256.Sum256(data)
	oid := hex.EncodeToString(sum[:])
	body := fmt.Sprintf(`{"operation":"upload","transfers":["basic","multipart"],"hash_algo":"sha256","objects":[{"oid":%q,"size":%d}]}`, oid, len(data))
	media := "application/vnd.git-lfs+json"
	got, text := v.do("POST", v.hub.URL+"/datasets/"+id+".git/info/lfs/objects/batch", body, "Content-Type", media, "Accept", media)
	var plan struct {
		Objects []struct {
			Actions struct {
				Upload *struct {
					Href   string
					Header map[string]string
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(text), &plan); err != nil || len(plan.Objects) != 1 {
		v.Fatalf("the batch: %s %s (%v)", got.Status, text, err)
	}
	u := plan.Objects[0].Actions.Upload
	if u == nil {
		return false
	}
	if u.Header["chunk_size"] == "" {
		if got, text := v.do("PUT", u.Href, string(data)); got.StatusCode != 200 {
			v.Fatalf("PUT: %s %s", got.Status, text)
		}
		return true
	}
	var parts []map[string]any
	for n, rest := 1, data; len(rest) > 0; n++ {
		piece := rest[:min(len(rest), int(v.hub.partSize))]
		rest = rest[len(piece):]
		got, text := v.do("PUT", u.Header[fmt.Sprint(n)], string(piece))
		if got.StatusCode != 200 {
			v.Fatalf("PUT of part %d: %s %s", n, got.Status, text)
		}
		parts = append(parts, map[string]any{"partNumber": n, "etag": got.Header.Get("ETag")})
	}
	v.post(strings.TrimPrefix(u.Href, v.hub.URL), map[string]any{"oid": oid, "parts": parts}, 200)
	return true
}

func TestWriting(t *testing.T) {
	h := New(t, PartSize(1000))
	h.AddToken("hf_ada", Account{User: "ada", Role: "write", Orgs: map[string]string{"acme": "write"}})
	v := visitor{t, h, "hf_ada"}
	v.post("/api/repos/create", map[string]any{"name": "set", "organization": "acme", "type": "dataset", "visibility": "private"}, 200)
	v.post("/api/repos/create", map[string]any{"name": "set", "organization": "acme", "type": "dataset"}, 409)
	v.post("/api/repos/create", map[string]any{"name": "set", "organization": "other", "type": "dataset"}, 403)
	if !h.IsPrivate("acme/set") {
		t.Error("the dataset is not private")
	}
	answer := v.post("/api/datasets/acme/set/preupload/main", map[string]any{"files": []map[string]any{
		{"path": "a.txt", "size": 5, "sample": "aGVsbG8="}, {"path": "a.parquet", "size": 2500, "sample": "AAAA"}}}, 200)
	if got := fmt.Sprint(answer["files"]); !strings.Contains(got, "a.txt shouldIgnore:false uploadMode:regular") || !strings.Contains(got, "uploadMode:lfs") {
		t.Errorf("the plan is %s", got)
	}
	for _, size := range []int{700, 2500} {
		data := bytes.Repeat([]byte{byte(size)}, size)
		if !v.put("acme/set", data) || v.put("acme/set", data) {
			t.Errorf("%d bytes must be uploaded once", size)
		}
	}

	head := h.Commits("acme/set", "main")[0].ID
	sum := sha256.Sum256(bytes.Repeat([]byte{byte(2500 % 256)}, 2500))
	lines := func(parent string) string {
		return fmt.Sprintf("{\"key\":\"header\",\"value\":{\"summary\":\"s\",\"parentCommit\":%q}}\n", parent) +
			"{\"key\":\"file\",\"value\":{\"path\":\"a.txt\",\"content\":\"aGVsbG8=\",\"encoding\":\"base64\"}}\n" +
			fmt.Sprintf("{\"key\":\"lfsFile\",\"value\":{\"path\":\"a.parquet\",\"algo\":\"sha256\",\"oid\":%q,\"size\":2500}}\n", hex.EncodeToString(sum[:]))
	}
	commit := func(query, parent string) (*http.Response, string) {
		return v.do("POST", h.URL+"/api/datasets/acme/set/commit/main"+query, lines(parent), "Content-Type", "application/x-ndjson")
	}
	if got, text := commit("", head); got.StatusCode != 200 {
		t.Fatalf("the commit: %s %s", got.Status, text)
	}
	files := h.Files("acme/set", "main")
	if string(files["a.txt"]) != "hello" || len(files["a.parquet"]) != 2500 || len(h.Files("acme/set", head)) != 1 {
		t.Errorf("the files are %d, and before %d", len(files), len(h.Files("acme/set", head)))
	}
	if got, _ := commit("", head); got.StatusCode != 412 {
		t.Errorf("a commit onto an old parent: %s; want 412", got.Status)
	}
	if got, text := commit("?create_pr=1", ""); got.StatusCode != 200 || !strings.Contains(text, "/datasets/acme/set/discussions/1") {
		t.Errorf("a pull request: %s %s", got.Status, text)
	}
	if n, pr := len(h.Commits("acme/set", "main")), len(h.Commits("acme/set", "refs/pr/1")); n != 2 || pr != 3 {
		t.Errorf("main has %d commits and the pull request %d; want 2 and 3", n, pr)
	}
}

func TestFaults(t *testing.T) {
	h := New(t)
	h.AddDataset("acme/set", map[string][]byte{"a.bin": bytes.Repeat([]byte("x"), 5000)})
	v := visitor{T: t, hub: h}
	got, _ := v.get("/datasets/acme/set/resolve/main/a.bin")
	link := got.Header.Get("Location")

	h.Inject(Fault{Path: "/tree/", Times: 1, Status: 429, Header: RateLimited("api", 3)})
	if got, _ := v.get("/api/datasets/acme/set/tree/main"); got.StatusCode != 429 || got.Header.Get("RateLimit") != `"api";r=0;t=3` {
		t.Errorf("the first listing: %s %v", got.Status, got.Header)
	}
	if got, _ := v.get("/api/datasets/acme/set/tree/main"); got.StatusCode != 200 {
		t.Errorf("the second listing: %s", got.Status)
	}
	h.Inject(Fault{Host: "cdn", Times: 1, IgnoreRange: true})
	if got, text := v.do("GET", link, "", "Range", "bytes=0-9"); got.StatusCode != 200 || len(text) != 5000 {
		t.Errorf("an ignored range: %s, %d bytes", got.Status, len(text))
	}
	h.Inject(Fault{Times: 1, HTML: true})
	if got, text := v.get("/api/datasets/acme/set"); got.StatusCode != 200 || !strings.Contains(text, "<html>") {
		t.Errorf("a page: %s %s", got.Status, text)
	}
	h.Inject(Fault{Host: "cdn", Times: 1, CutAfter: 1234})
	r, _ := http.NewRequestWithContext(t.Context(), "GET", link, nil)
	cut, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer cut.Body.Close()
	if data, err := io.ReadAll(cut.Body); err == nil || len(data) != 1234 {
		t.Errorf("a cut body: %d bytes, %v; want 1234 and an error", len(data), err)
	}
	h.Limit("api", 2, 1e9*3600)
	for want := range []int{0, 1, 2} {
		got, _ := v.get("/api/datasets/acme/set")
		if limited := got.StatusCode == 429; limited != (want == 2) {
			t.Errorf("request %d of two: %s", want+1, got.Status)
		}
	}
}

func TestLostReply(t *testing.T) {
	h := New(t)
	h.AddToken("hf_ada", Account{User: "ada", Role: "write"})
	h.Inject(Fault{Path: "/repos/create", Times: 1, LostReply: true})
	body := strings.NewReader(`{"name":"set","type":"dataset"}`)
	r, _ := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/api/repos/create", body)
	r.Header.Set("Authorization", "Bearer hf_ada")
	if got, err := http.DefaultTransport.RoundTrip(r); err == nil {
		got.Body.Close()
		t.Errorf("the answer is %s; want none", got.Status)
	}
	if h.Files("ada/set", "main") == nil {
		t.Error("the dataset was not made")
	}
}

// TestLeak finds a token at the second host, and says so to whoever sent it.
func TestLeak(t *testing.T) {
	h, err := Start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	v := visitor{T: t, hub: h}
	got, text := v.do("GET", h.link("/get/x"), "", "Authorization", "Bearer hf_secret")
	if got.StatusCode != 400 || !strings.Contains(text, "TOKEN WAS SENT") || len(h.Leaks()) != 1 {
		t.Errorf("a token at the second host: %s %s, noted %v", got.Status, text, h.Leaks())
	}
}
