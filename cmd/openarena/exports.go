package main

import (
	"context"
	"fmt"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/pipeline/export"
)

// defaultExport is what `run` writes when the file does not say.
var defaultExport = configs.Export{Type: "ranked", Format: "jsonl", Path: "training_data.jsonl"}

// whole reports whether this is `run`: it alone writes the exports of the file.
func (w *work) whole() bool { return w.stages.Generate && w.stages.Judge }

func (w *work) wantedExports() []configs.Export {
	if wanted := w.arena.Config.Export; len(wanted) > 0 {
		return wanted
	}
	return []configs.Export{defaultExport}
}

// checkExports is made before the first call.
func (w *work) checkExports() error {
	for _, x := range w.wantedExports() {
		if err := exportable(w.arena.Config, w.arena.Config.Resolve(x.Path)); err != nil {
			return err
		}
	}
	return nil
}

// exports writes the files of the arena. A trial of some models writes what the database has of all.
func (w *work) exports(ctx context.Context) error {
	whole, err := pipeline.New(w.arena.Config, pipeline.Trial{Datasets: w.arena.Trial.Datasets})
	if err != nil {
		return err
	}
	snapshot, err := w.db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	view, err := whole.View(ctx, snapshot)
	if err != nil {
		return err
	}
	for _, x := range w.wantedExports() {
		path := w.arena.Config.Resolve(x.Path)
		n, err := export.WriteFile(ctx, path, view, export.Options{Type: x.Type, Format: x.Format})
		if err != nil {
			return fmt.Errorf("export of %s: %w", x.Type, unwritable(err))
		}
		w.say(w.c, "wrote %s (%s, %s)", path, x.Type, count(n, "row"))
	}
	return nil
}
