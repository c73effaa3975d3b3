package hub

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
)

// TestReadBack: what openarena uploads, the Python clients read.
func TestReadBack(t *testing.T) {
	interpreter, h := python(t), newHub(t)
	models := fakellm.New(fakellm.Options{AnswerBytes: 300})
	if err := models.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = models.Close() })
	f := newFolder(t, "HF_ENDPOINT="+h.URL, "HF_TOKEN=hf_ada", "URL="+models.URL())
	var prompts strings.Builder
	for i := range 40 {
		fmt.Fprintf(&prompts, "{\"prompt\": \"Is %d odd? \\u2028 »Ja« <b>\"}\n", i)
	}
	write(t, filepath.Join(f.dir, "prompts.jsonl"), prompts.String())
	write(t, filepath.Join(f.dir, "arena.yaml"), `default_endpoint: {url: "${URL}"}
models: [{name: Ada, model_id: ada}, {name: Bob, model_id: bob}, {name: Cyd, model_id: cyd}]
judge_model: {name: Judge, model_id: judge}
datasets: [{path: prompts.jsonl}]
export: [{type: ranked, path: arena/ranked.jsonl, upload: acme/arena}]
`)
	for _, repo := range []string{"arena", "pairs"} {
		if err := os.Mkdir(filepath.Join(f.dir, repo), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	f.openarena("run")
	for _, repo := range []string{"arena", "pairs"} {
		export(f, filepath.Join(repo, "battles.jsonl"), "battles")
		export(f, filepath.Join(repo, "leaderboard.jsonl"), "ratings")
	}
	t.Log(clients(t, interpreter, h.URL, "back", filepath.Join(f.dir, "arena")))
	for _, kind := range []string{"preference", "sft", "kto", "reward"} { // each beside those before
		f.openarena("upload", "acme/pairs", "--type", kind)
		export(f, filepath.Join("pairs", kind+".jsonl"), kind)
	}
	t.Log(clients(t, interpreter, h.URL, "back", filepath.Join(f.dir, "pairs")))

	n := len(h.Commits("acme/arena", "main"))
	h.ForgetRequests()
	f.openarena("upload", "acme/arena")
	if puts, size := sent(h, "PUT", ""); puts != 0 || size != 0 || len(h.Commits("acme/arena", "main")) != n {
		t.Errorf("the second upload sent %d bytes and made %d commits; want none", size, len(h.Commits("acme/arena", "main"))-n)
	}

	dir := folder(t, map[string][]byte{"README.md": []byte("# Mine\n"), "a/big.bin": make([]byte, 2_500_000), "a/small.txt": []byte("x\n"), "empty.txt": {}})
	f.openarena("upload", "acme/folder", "--folder", dir)
	clients(t, interpreter, h.URL, "whole", dir)
}

// TestCacheOfTheClients: what the Python clients have downloaded, openarena reads where it lies, and asks nobody.
func TestCacheOfTheClients(t *testing.T) {
	interpreter, h := python(t), newHub(t)
	h.AddDataset("acme/shards", map[string][]byte{"data/train-00000-of-00001.parquet": table(t, 0, 100), "README.md": []byte("# Rows\n")})
	home := t.TempDir()
	clients(t, interpreter, h.URL, "keep", "acme/shards", "HF_HOME="+home)
	h.ForgetRequests()
	f := newFolder(t, "HF_ENDPOINT="+h.URL, "HF_HOME="+home, "HF_HUB_OFFLINE=1")
	if got := f.openarena("peek", "acme/shards"); !strings.Contains(got, "row 0") || len(h.Requests()) > 0 {
		t.Errorf("peek asked %v and shows\n%s", h.Requests(), got)
	}
}

// export writes rows into a file.
func export(f *programFolder, name, kind string) {
	f.t.Helper()
	f.openarena("export", "--type", kind, "-o", name)
}
