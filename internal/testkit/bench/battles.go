//go:build linux

package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"openarena/internal/testkit/battles"
)

// reference is how a file of battles is rated by another program: what internal/testkit/bench/references.py takes.
type reference struct {
	what    string   // the figure's name
	flags   []string // of `rate`
	prompts bool     // the file names them, ten battles each
	args    []string // of references.py, the file's name in the middle
	seconds float64  // that the other program took on two cores when the target was set
}

var references = []reference{
	{"fit and sandwich", []string{"--interval", "sandwich"}, false, []string{"arena-rank"}, 23.1},
	{"fit and intervals clustered by prompts of 10 battles", []string{"--interval", "clustered"}, true, []string{"arena-rank"}, 23.1},
	{"fit and 1,000 rounds of a bootstrap of battles", []string{"--bootstrap", "1000"}, false, []string{"fastchat", "1000"}, 23.9},
}

const (
	timesFaster   = 20
	ratedBattles  = 1_000_000
	ratedModels   = 100
	countedMemory = 64.0 // MB
)

// measureBattles compares `rate --battles`, as a whole process that reads JSON Lines, with the programs it is to beat, where
// OPENARENA_BENCH_PYTHON (else python3) can import them.
func measureBattles(ctx context.Context, b *Bench) ([]Figure, error) {
	n, size := ratedBattles, "10⁶"
	if b.Quick {
		n, size = n/100, "10⁴"
	}
	var figures []Figure
	for _, r := range references {
		shape := battles.Shape{Battles: n, Models: ratedModels}
		if r.prompts {
			shape.Prompts = n / 10
		}
		file, err := b.battles(shape)
		if err != nil {
			return figures, err
		}
		more, err := b.beside(ctx, r, file, n, size)
		figures = append(figures, more...)
		if err != nil {
			return figures, err
		}
	}
	return figures, nil
}

// beside measures one way to rate, and the other program on the same file right after it.
func (b *Bench) beside(ctx context.Context, r reference, file string, n int, size string) (figures []Figure, err error) {
	what := fmt.Sprintf("`rate --battles`, %s JSON lines of %d models, %s", size, ratedModels, r.what)
	var ours, memory []float64
	for range b.times() {
		ran, err := b.run(ctx, b.dir, nil, append([]string{"rate", "--battles", file, "--json"}, r.flags...)...)
		if err != nil {
			return nil, err
		}
		ours = append(ours, ran.wall.Seconds())
		memory = append(memory, float64(ran.anonymous)/1e6)
	}
	limit := countedMemory
	if r.flags[1] != "sandwich" {
		limit += 32 * float64(n) / 1e6
	}
	python, missing := b.python(ctx, r.args[0])
	if missing != nil {
		b.Logf("no reference: %v", missing)
		what += fmt.Sprintf("; no reference on this machine, so a %dth of %v s", timesFaster, r.seconds)
		figures = append(figures, atMost(what, " s", r.seconds/timesFaster, ours...))
	} else {
		script, err := filepath.Abs(filepath.Join(b.Root, "internal/testkit/bench/references.py"))
		if err != nil {
			return nil, err
		}
		args := append([]string{script, r.args[0], file}, r.args[1:]...)
		ran, err := b.watch(ctx, exec.CommandContext(ctx, python, args...), b.dir, nil, nil)
		if err != nil {
			return nil, err
		}
		if got := string(ran.stdout); got != strconv.Itoa(ratedModels)+"\n" {
			return nil, fmt.Errorf("%s rated %q models of %d", r.args[0], got, ratedModels)
		}
		b.Logf("%s took %.1f s", r.args[0], ran.wall.Seconds())
		ratios := make([]float64, len(ours))
		for i, s := range ours {
			ratios[i] = ran.wall.Seconds() / s
		}
		what += fmt.Sprintf(", whole process: %s / openarena (%s s)", r.args[0], number(median(ours)))
		figures = append(figures, atLeast(what, "", timesFaster, ratios...))
	}
	return append(figures, atMost("the same: RssAnon", " MB", limit, memory...)), nil
}

// battles writes a file of battles.
func (b *Bench) battles(s battles.Shape) (string, error) {
	f, err := os.CreateTemp(b.dir, "battles-*.jsonl")
	if err != nil {
		return "", err
	}
	if err := battles.Write(f, s); err != nil {
		return "", err
	}
	return f.Name(), f.Close()
}

// python is one that can import what a program needs, or an error that says what is missing.
func (b *Bench) python(ctx context.Context, program string) (string, error) {
	name := os.Getenv("OPENARENA_BENCH_PYTHON")
	if name == "" {
		name = "python3"
	}
	needs := map[string]string{"arena-rank": "arena_rank", "fastchat": "numpy, pandas, scipy"}[program]
	out, err := exec.CommandContext(ctx, name, "-c", "import "+needs).CombinedOutput()
	if err != nil {
		out = bytes.TrimSpace(out)
		return "", fmt.Errorf("%s cannot import %s: %w %s", name, needs, err, out[bytes.LastIndexByte(out, '\n')+1:])
	}
	return name, nil
}
