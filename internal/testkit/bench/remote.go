//go:build linux

package bench

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/parquet-go/parquet-go"

	"openarena/internal/testkit/fakehub"
)

// measureRemote has `plan` read the first 500 prompts of one column of a Parquet file on the fake Hub, and counts all that it
// asks for, from the name of the dataset on.
func measureRemote(ctx context.Context, b *Bench) ([]Figure, error) {
	const wanted = 500
	rows := 100_000
	if b.Quick {
		rows /= 50
	}
	data, err := remoteRows(rows)
	if err != nil {
		return nil, err
	}
	h, err := fakehub.Start("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	defer h.Close()
	h.AddDataset("ada/set", map[string][]byte{"data/train-00000-of-00001.parquet": data})
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	arena := fmt.Sprintf("models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudge_model: {model_id: j}\n"+
		"datasets: [{name: ada/set, field: prompt, limit: %d}]\n", wanted)
	if err := os.WriteFile(filepath.Join(dir, "arena.yaml"), []byte(arena), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, b.program, "plan", "--json")
	cmd.Env = append(os.Environ(), "HF_ENDPOINT="+h.URL, "HF_TOKEN=", "HF_HOME="+dir, "OPENARENA_CACHE="+filepath.Join(dir, "cache"))
	ran, err := b.watch(ctx, cmd, dir, nil, nil)
	if err != nil {
		return nil, err
	}
	if want := fmt.Sprintf(`"prompts": %d`, wanted); !bytes.Contains(ran.stdout, []byte(want)) {
		return nil, fmt.Errorf("plan does not tell of %d prompts: %.300s", wanted, ran.stdout)
	}
	all := h.Requests()
	var loaded int64
	for _, r := range all {
		loaded += r.Out
	}
	what := fmt.Sprintf("first %d prompts of one column of a Parquet file of %d MB (4 columns) on the Hub: requests, those for its name among them",
		wanted, len(data)/1_000_000)
	return []Figure{
		{What: what, Target: "≤ 4", Got: fmt.Sprint(len(all)), Holds: len(all) <= 4},
		{What: "the same: loaded", Target: "≤ 0.8 MB", Got: fmt.Sprintf("%.2f MB", float64(loaded)/1e6), Holds: loaded <= 800_000},
	}, nil
}

// remoteRows is a file of four columns in five row groups, 80 MB for 100,000 rows.
func remoteRows(n int) ([]byte, error) {
	type row struct {
		ID     int64  `parquet:"id"`
		Prompt string `parquet:"prompt,zstd"`
		Answer string `parquet:"answer,zstd"`
		Notes  string `parquet:"notes,zstd"`
	}
	random := rand.NewChaCha8([32]byte{})
	text := func(size int) string {
		b := make([]byte, size)
		random.Read(b)
		return hex.EncodeToString(b)
	}
	var out bytes.Buffer
	w := parquet.NewGenericWriter[row](&out, parquet.MaxRowsPerRowGroup(int64(n/5)))
	for i := range n {
		if _, err := w.Write([]row{{int64(i), fmt.Sprint(i, " ", text(40)), text(320), text(60)}}); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
