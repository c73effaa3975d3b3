package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/store"
)

func shardFlag() cli.Flag {
	return &cli.StringFlag{Name: "shard", Usage: "only part `I/N` of the prompts, into a database of its own; `openarena merge` joins them"}
}

// shardOf is the shard that was asked for.
func shardOf(c *cli.Context) (s pipeline.Shard, err error) {
	if !c.IsSet("shard") {
		return s, nil
	}
	if s, err = pipeline.ParseShard(c.String("shard")); err != nil {
		err = usage("--shard %v", err)
	}
	return s, err
}

// shardWord is where the name of a database says which shard's it is.
const shardWord = "{shard}"

// placeShard gives a shard a database of its own: arena.db becomes arena.shard-3-of-64.db. What --db names is taken as it is.
func placeShard(c *cli.Context, cfg *configs.Config, s pipeline.Shard) error {
	if s.Whole() {
		return nil
	}
	if !cfg.Store.URL.Empty() {
		return usage("--shard is for databases that are files: in PostgreSQL any number of runs and workers share all of the arena; leave one of them out")
	}
	path := cfg.StorePath()
	switch ext := filepath.Ext(path); {
	case strings.Contains(path, shardWord):
		path = strings.ReplaceAll(path, shardWord, s.FileWord())
	case c.String("db") == "":
		path = strings.TrimSuffix(path, ext) + ".shard-" + s.FileWord() + ext
	}
	cfg.Store = configs.Store{Path: path}
	return nil
}

// claim has the database note whose shard it is, and refuses that of another.
func (w *work) claim() error {
	err := w.arena.Trial.Shard.Claim(w.signals.hard, w.db)
	if errors.Is(err, pipeline.ErrOtherShard) {
		return usage("%s: %v", w.arena.Config.StorePath(), err)
	}
	return err
}

// inUse says of a shard that is worked on already that it is.
func (w *work) inUse(err error) error {
	if s := w.arena.Trial.Shard; !s.Whole() && errors.Is(err, store.ErrLocked) {
		return fmt.Errorf("shard %s was started twice: %w", s, err)
	}
	return err
}

// merging is the command that joins this shard's database and those of the others.
func (w *work) merging() string {
	s, path := w.arena.Trial.Shard, w.arena.Config.StorePath()
	all := strings.ReplaceAll(path, s.FileWord(), fmt.Sprintf("*-of-%d", s.N))
	if all == path {
		return "openarena merge, with the databases of all shards"
	}
	whole := strings.NewReplacer(".shard-"+s.FileWord(), "", s.FileWord(), "all").Replace(path)
	return fmt.Sprintf("openarena merge %s --to %s", all, whole)
}
