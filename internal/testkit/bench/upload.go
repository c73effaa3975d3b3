//go:build linux

package bench

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"openarena/internal/testkit/fakehub"
)

const benchToken = "hf_bench"

// measureUpload puts 20 files of 200 MB together on the fake Hub, twice, and other files of the same sizes with a client that
// does nothing but what it must.
func measureUpload(ctx context.Context, b *Bench) ([]Figure, error) {
	size := 10_000_000
	if b.Quick {
		size = 100_000
	}
	h, err := fakehub.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer h.Close()
	h.AddToken(benchToken, fakehub.Account{User: "ada", Role: "write"})
	mine, err := b.binaries(20, size, 1)
	if err != nil {
		return nil, err
	}
	others, err := b.binaries(20, size, 2)
	if err != nil {
		return nil, err
	}
	upload := func() (*ran, error) {
		cmd := exec.CommandContext(ctx, b.program, "upload", "ada/set", "--folder", ".", "--quiet")
		cmd.Env = append(os.Environ(), "HF_ENDPOINT="+h.URL, "HF_TOKEN="+benchToken, "HF_HOME="+mine)
		return b.watch(ctx, cmd, mine, nil, nil)
	}
	first, err := upload()
	if err != nil {
		return nil, err
	}
	bare, err := bareUpload(ctx, h, others)
	if err != nil {
		return nil, err
	}
	h.ForgetRequests()
	second, err := upload()
	if err != nil {
		return nil, err
	}
	sent := int64(0)
	for _, r := range h.Requests() {
		if r.Host == "cdn" {
			sent += r.In
		}
	}
	return []Figure{
		atMost(fmt.Sprintf("upload of 20 files, %d MB, the second time, bytes of data sent (it took %.1f s)", 20*size/1_000_000, second.wall.Seconds()), "", 0, float64(sent)),
		atLeast(fmt.Sprintf("the first time (%.1f s) / a bare client that hashes and sends one file after the other, in speed", first.wall.Seconds()), "", 0.8, bare.Seconds()/first.wall.Seconds()),
		atMost("RssAnon meanwhile", " MiB", 60, float64(first.anonymous)/(1<<20)),
	}, nil
}

// binaries is a folder of files of random bytes.
func (b *Bench) binaries(n, size int, seed uint64) (string, error) {
	dir, err := b.folder()
	if err != nil {
		return "", err
	}
	random := rand.NewChaCha8([32]byte{byte(seed)})
	content := make([]byte, size)
	for i := range n {
		if _, err := random.Read(content); err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%02d.parquet", i)), content, 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// bareUpload hashes the files of a folder, asks where they go, and sends them.
func bareUpload(ctx context.Context, h *fakehub.Hub, dir string) (time.Duration, error) {
	began := time.Now()
	names, err := filepath.Glob(filepath.Join(dir, "*.parquet"))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return 0, err
		}
		sum := sha256.Sum256(content)
		at, err := bareLink(ctx, h, hex.EncodeToString(sum[:]), len(content))
		if err != nil {
			return 0, err
		}
		if _, err := bareSend(ctx, http.MethodPut, at, content, nil); err != nil {
			return 0, err
		}
	}
	return time.Since(began), nil
}

// bareLink is where an object goes.
func bareLink(ctx context.Context, h *fakehub.Hub, oid string, size int) (string, error) {
	asked := fmt.Appendf(nil, `{"operation":"upload","transfers":["basic"],"hash_algo":"sha256","objects":[{"oid":%q,"size":%d}]}`, oid, size)
	const media = "application/vnd.git-lfs+json"
	answer, err := bareSend(ctx, http.MethodPost, h.URL+"/datasets/ada/set.git/info/lfs/objects/batch", asked,
		http.Header{"Authorization": {"Bearer " + benchToken}, "Accept": {media}, "Content-Type": {media}})
	if err != nil {
		return "", err
	}
	var told struct {
		Objects []struct {
			Actions struct{ Upload struct{ Href string } }
		}
	}
	if err := json.Unmarshal(answer, &told); err != nil || len(told.Objects) != 1 {
		return "", fmt.Errorf("the fake Hub answered %q", answer)
	}
	return told.Objects[0].Actions.Upload.Href, nil
}

func bareSend(ctx context.Context, method, at string, body []byte, header http.Header) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, at, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var answer bytes.Buffer
	if _, err := answer.ReadFrom(res.Body); err != nil || res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s: %s %w", method, r.URL.Path, res.Status, err)
	}
	return answer.Bytes(), nil
}
