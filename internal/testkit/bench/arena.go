//go:build linux

package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// work is the size of an arena of the table: four models, all pairs, both orders.
const (
	workPrompts = 300
	workModels  = 4
	workAnswers = workPrompts * workModels
	workJudged  = workPrompts * 6 * 2
	workCalls   = workAnswers + workJudged
)

// oneEndpoint is the arena of the table behind one address.
func oneEndpoint(url string, slots int) string {
	return fmt.Sprintf(`default_endpoint: {url: %s, concurrency: %d}
models: [{name: A, model_id: a}, {name: B, model_id: b}, {name: C, model_id: c}, {name: D, model_id: d}]
judges: [{name: Judge, model_id: judge}]
datasets: [{path: prompts.jsonl}]
`, url, slots)
}

// arena writes an arena into a new folder.
func (b *Bench) arena(config string, prompts int) (dir string, err error) {
	if dir, err = b.folder(); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(dir, "arena.yaml"), []byte(config), 0o600); err != nil {
		return "", err
	}
	f, err := os.Create(filepath.Join(dir, "prompts.jsonl"))
	if err != nil {
		return "", err
	}
	w := bufio.NewWriter(f)
	for i := range prompts {
		fmt.Fprintf(w, "{\"prompt\": \"Question %d: what is %d times %d, and why?\"}\n", i, 3*i+1, 7*i+2)
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return dir, f.Close()
}

// progress is what `openarena status` says of an arena.
type progress struct {
	Generate, Judge struct{ Wanted, Done, Failed, Pending int64 }
}

// lost is what was wanted and is not there.
func (p progress) lost() int64 {
	return p.Generate.Wanted - p.Generate.Done + p.Judge.Wanted - p.Judge.Done
}

func (b *Bench) progress(ctx context.Context, dir string) (p progress, err error) {
	r, err := b.run(ctx, dir, nil, "status", "--json")
	if err == nil {
		err = json.Unmarshal(r.stdout, &p)
	}
	return p, err
}
