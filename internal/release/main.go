// Command release builds openarena for every platform and packs each binary with its papers. From one commit and one Go it
// makes the same bytes on every machine. A tree that git cannot tell about is released as version "dev" of commit
// "unknown", dated 1980, when ZIP archives begin.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// papers go into every archive, in the folders they have here, so that the README's links hold.
var papers = []string{
	"LICENSE", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/openarena.1", "docs/architecture.md", "docs/battles.md",
	"docs/configuration.md", "docs/cost.md", "docs/datasets.md", "docs/endpoints.md", "docs/exports.md", "docs/hub.md", "docs/judging.md", "docs/leaderboard.md", "docs/limits.md", "docs/operation.md",
	"docs/performance.md", "docs/rating.md", "docs/ratings.svg",
	"docs/reliability.md", "docs/scale.md", "docs/screenshots/battle-dark.png", "docs/screenshots/leaderboard-light.png", "docs/security.md", "docs/viewer.md",
	"deploy/Dockerfile", "deploy/Dockerfile.dockerignore", "deploy/README.md", "deploy/compose/.env.example",
	"deploy/compose/arena/arena.yaml", "deploy/compose/arena/prompts.jsonl", "deploy/compose/compose.yaml",
	"deploy/kubernetes/arena.yaml", "deploy/kubernetes/cluster.yaml", "deploy/kubernetes/kustomization.yaml",
	"deploy/kubernetes/merge.yaml", "deploy/kubernetes/namespace.yaml", "deploy/kubernetes/postgres.yaml",
	"deploy/kubernetes/prompts.jsonl", "deploy/kubernetes/run.yaml", "deploy/kubernetes/secret.env.example",
	"deploy/kubernetes/shards.yaml", "deploy/kubernetes/vllm.yaml", "deploy/kubernetes/workers-job.yaml",
	"deploy/kubernetes/workers.yaml", "deploy/postgres/roles.sql", "deploy/shard.sh", "deploy/slurm/arena.yaml",
	"deploy/slurm/merge.sbatch", "deploy/slurm/prompts.jsonl", "deploy/slurm/shards.sbatch", "deploy/slurm/vllm.sbatch",
	"deploy/slurm/workers.sbatch", "deploy/systemd/openarena-worker@.service",
}

func main() {
	root := flag.String("root", ".", "`folder` of the module")
	out := flag.String("o", "dist", "`folder` to write to; what it holds is replaced")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, out string) error {
	s := stampOf(ctx, root)
	fmt.Printf("version %s, commit %s, %s\n", s.version, s.commit, s.time.Format("2006-01-02 15:04:05 MST"))
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "openarena-release-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	var archives []string
	for _, p := range platforms {
		binary := filepath.Join(work, p.os+"-"+p.arch, p.binary())
		if err := build(ctx, root, binary, p, s); err != nil {
			return fmt.Errorf("build for %s/%s: %w", p.os, p.arch, err)
		}
		name := p.archive(s)
		files, err := contents(root, binary, p, s)
		if err == nil {
			err = pack(filepath.Join(out, name), files, s.time)
		}
		if err == nil {
			err = check(filepath.Join(out, name), files)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if p.isHost() {
			if err := tryHost(ctx, binary, s); err != nil {
				return err
			}
		}
		archives = append(archives, name)
	}
	return writeSums(out, archives)
}
