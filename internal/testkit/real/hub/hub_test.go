package hub

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"openarena/internal/testkit/fakehub"
)

// newHub is a Hub with small parts and pages, ada who writes to acme's, and eve who may write to nobody's.
func newHub(t *testing.T) *fakehub.Hub {
	h := fakehub.New(t, fakehub.PartSize(1<<20), fakehub.PageSize(3))
	h.AddToken("hf_ada", fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"acme": "write"}})
	h.AddToken("hf_eve", fakehub.Account{User: "eve", Role: "write"})
	return h
}

// table is a parquet file with some numbers.
func table(t *testing.T, from, to int) []byte {
	t.Helper()
	type row struct {
		ID   int64  `parquet:"id"`
		Text string `parquet:"text"`
	}
	var b bytes.Buffer
	w := parquet.NewGenericWriter[row](&b, parquet.MaxRowsPerRowGroup(30))
	for i := from; i < to; i++ {
		if _, err := w.Write([]row{{int64(i), fmt.Sprint("row ", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// folder writes files, and returns where.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	for name, data := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// sent counts bytes that a request of this kind brought.
func sent(h *fakehub.Hub, method, path string) (requests int, size int64) {
	for _, r := range h.Requests() {
		if r.Method == method && strings.Contains(r.Path, path) {
			requests++
			size += r.In
		}
	}
	return requests, size
}

// TestUploadAndDownload: huggingface_hub puts a folder on the fake Hub, by every way there is, and gets it back.
func TestUploadAndDownload(t *testing.T) {
	interpreter, h := python(t), newHub(t)
	random := make([]byte, 2_500_000)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(random) // never fails
	files := map[string][]byte{
		"README.md": []byte("---\nlicense: mit\n---\n# A set\n"), "data/rows.parquet": table(t, 0, 100), "data/parts.bin": random,
		"notes/ünicode name.txt": []byte("näive\n"), "notes/empty.txt": {}, "lines.jsonl": []byte("{\"a\": 1}\n"),
	}
	dir := folder(t, files)

	oid := clients(t, interpreter, h.URL, "upload", dir)
	got := h.Files("acme/up", oid)
	for name, data := range files {
		if !bytes.Equal(got[name], data) {
			t.Errorf("%s is %d bytes on the Hub; want %d", name, len(got[name]), len(data))
		}
	}
	if n, _ := sent(h, "PUT", "/part/"); n != 3 || !h.IsPrivate("acme/up") {
		t.Errorf("%d parts were sent (want 3), and private is %v", n, h.IsPrivate("acme/up"))
	}
	h.ForgetRequests()
	clients(t, interpreter, h.URL, "again", dir)
	if n, size := sent(h, "PUT", ""); n != 0 || size != 0 {
		t.Errorf("the second time %d requests brought %d bytes; want none", n, size)
	}
	if n, _ := sent(h, "POST", "/commit/"); n != 0 {
		t.Errorf("the second time made %d commits; want none", n)
	}
	clients(t, interpreter, h.URL, "read", dir)
	clients(t, interpreter, h.URL, "propose", dir)

	// Each fault alone, and each is met.
	faults := []fakehub.Fault{
		{Path: "/tree/", Times: 1, Status: 429, Header: fakehub.RateLimited("api", 0)},
		{Path: "/tree/", Times: 1, Status: 503},
		{Host: "cdn", Path: fmt.Sprintf("/get/%x", sha256.Sum256(random)), Times: 1, CutAfter: 1_000_000},
	}
	for _, f := range faults {
		h.Inject(f)
	}
	h.ForgetRequests()
	clients(t, interpreter, h.URL, "troubled", dir)
	var met []string
	for _, r := range h.Requests() {
		if r.Status == 429 || r.Status == 503 || r.Host == "cdn" && r.Out == 1_000_000 {
			met = append(met, r.String())
		}
	}
	if len(met) != len(faults) {
		t.Errorf("the faults that the client met are %q; want %d", met, len(faults))
	}
}

// TestLoadDataset: the datasets library reads the layouts that authors use, streamed and not.
func TestLoadDataset(t *testing.T) {
	interpreter, h := python(t), newHub(t)
	h.AddDataset("acme/configs", map[string][]byte{
		"README.md":   []byte("---\nconfigs:\n- config_name: first\n  data_files: one/*.jsonl\n- config_name: second\n  data_files:\n  - split: test\n    path: two/t.jsonl\n---\n"),
		"one/a.jsonl": []byte("{\"text\": \"f0\"}\n"), "two/t.jsonl": []byte("{\"text\": \"s0\"}\n{\"text\": \"s1\"}\n"),
	})
	h.AddDataset("acme/shards", map[string][]byte{
		"data/train-00000-of-00002.parquet": table(t, 0, 100), "data/train-00001-of-00002.parquet": table(t, 100, 200),
		"data/test-00000-of-00001.parquet": table(t, 200, 210),
	})
	old := h.AddDataset("acme/plain", map[string][]byte{"data.jsonl": []byte("{\"prompt\": \"old\"}\n"), "README.md": []byte("# Plain\n")})
	h.AddCommit("acme/plain", "main", map[string][]byte{"data.jsonl": []byte("{\"prompt\": \"p0\"}\n{\"prompt\": \"p1\"}\n{\"prompt\": \"p2\"}\n")})
	h.AddCommit("acme/plain", "main", map[string][]byte{"README.md": []byte("---\nconfigs:\n- config_name: default\n  data_files: data.jsonl\n---\n"), "extra.csv": []byte("a,b\n1,2\n")})
	clients(t, interpreter, h.URL, "load", t.TempDir(), "OLD_REVISION="+old)
}

// TestPush: the datasets library writes to the fake Hub.
func TestPush(t *testing.T) {
	interpreter, h := python(t), newHub(t)
	clients(t, interpreter, h.URL, "push", t.TempDir())
}

// TestErrors: what the fake Hub refuses has the names in the clients that the real Hub's refusals have.
func TestErrors(t *testing.T) {
	interpreter, h := python(t), newHub(t)
	rows := map[string][]byte{"data.jsonl": []byte("{\"prompt\": \"p\"}\n")}
	h.AddDataset("acme/plain", rows)
	h.AddDataset("acme/hidden", rows, fakehub.Private())
	h.AddDataset("acme/gated", rows, fakehub.Gated())
	clients(t, interpreter, h.URL, "refused", t.TempDir())
}
