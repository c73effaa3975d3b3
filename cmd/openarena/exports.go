package main

import (
	"context"
	"errors"
	"fmt"

	"openarena/configs"
	"openarena/pipeline"
	"openarena/pipeline/export"
	"openarena/store"
)

// whole reports whether this is `run`, which is more than one stage.
func (w *work) whole() bool { return w.job.Generate && w.job.Judge }

// exporting reports whether the files of the arena are to be written: by `run` alone, and not by a trial, whose part of the
// arena would replace the whole.
func (w *work) exporting() bool { return w.whole() && !w.arena.Trial.Narrows() }

// checkExports is made before the first call.
func (w *work) checkExports() error {
	for _, x := range w.arena.Config.Export {
		path := w.arena.Config.Resolve(x.Path)
		if err := errors.Join(exportable(w.arena.Config, path), export.CheckPlace(path)); err != nil {
			return err
		}
		if err := exportable(w.arena.Config, export.EvalPath(path)); x.EvalSplit > 0 && err != nil {
			return err
		}
	}
	return nil
}

// exports writes the files of the arena.
func (w *work) exports(ctx context.Context) error {
	snapshot, view, err := w.freeze(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	for _, x := range w.arena.Config.Export {
		if err := w.writeExport(ctx, view, x); err != nil {
			return fmt.Errorf("export of %s: %w", x.Type, unwritable(err))
		}
	}
	return nil
}

// freeze is the database as it is now, and how exports see it; the caller closes it.
func (w *work) freeze(ctx context.Context) (store.Snapshot, *pipeline.View, error) {
	snapshot, err := w.db.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	view, err := w.arena.View(ctx, snapshot)
	if err != nil {
		snapshot.Close()
		return nil, nil, err
	}
	return snapshot, view, nil
}

// writeExport writes one file, if there is anything for it.
func (w *work) writeExport(ctx context.Context, view *pipeline.View, x configs.Export) error {
	path, o := w.arena.Config.Resolve(x.Path), export.FromConfig(x)
	o.Keep, o.Tool = true, tool()
	wrote, err := export.WriteFile(ctx, path, view, o)
	var empty *export.EmptyError
	switch {
	case errors.Is(err, export.ErrKept):
		w.say(w.c, "kept %s as it was: there is nothing for it yet", path)
		return nil
	case errors.As(err, &empty):
		w.say(w.c, "%s is not written anew: %v", path, err)
		return nil
	case err != nil:
		return err
	}
	w.wrote(w.c, path, o, wrote)
	return w.beside(w.c, path, o)
}
