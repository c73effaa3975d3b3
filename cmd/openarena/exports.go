package main

import (
	"context"
	"errors"
	"fmt"

	"openarena/pipeline/export"
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
	}
	return nil
}

// exports writes the files of the arena.
func (w *work) exports(ctx context.Context) error {
	snapshot, err := w.db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer snapshot.Close()
	view, err := w.arena.View(ctx, snapshot)
	if err != nil {
		return err
	}
	for _, x := range w.arena.Config.Export {
		path := w.arena.Config.Resolve(x.Path)
		wrote, err := export.WriteFile(ctx, path, view, export.Options{Type: x.Type, Format: x.Format, Keep: true, Tool: tool()})
		if errors.Is(err, export.ErrKept) {
			w.say(w.c, "kept %s as it was: there is nothing for it yet", path)
			continue
		}
		if err != nil {
			return fmt.Errorf("export of %s: %w", x.Type, unwritable(err))
		}
		w.say(w.c, "wrote %s (%s, %s)", path, x.Type, count(wrote.Rows, "row"))
	}
	return nil
}
