package postgres

import (
	"errors"
	"fmt"

	"openarena/store"
)

// giveUp ends writing to the server and opens a place for what cannot be written any more.
func (w *writer) giveUp(err error) {
	if w.options.Away != nil {
		defer func() { w.options.Away(w.failed) }()
	}
	w.failed = fmt.Errorf("%w: %s: %s; what was acknowledged is safe there", store.ErrUnwritable, w.db.where, Reason(err))
	if w.options.Rescue == nil {
		return
	}
	s, opening := w.options.Rescue()
	if opening != nil {
		w.failed = fmt.Errorf("%w, what was not is lost: the rescue file cannot be made: %w", w.failed, opening)
		return
	}
	w.lifeboat = s
	name := "the rescue store"
	if file, ok := s.(interface{ Path() string }); ok {
		name = file.Path()
	}
	w.failed = fmt.Errorf("%w, what was not is in %s: `openarena merge %s --to URL` adds it when the server is back", w.failed, name, name)
}

// rescue writes jobs to the rescue store and returns what their callers are told.
func (w *writer) rescue(jobs []*job) error {
	if w.lifeboat == nil {
		return w.failed
	}
	b, err := replay(jobs)
	if err == nil {
		_, err = w.lifeboat.Apply(w.ctx, b)
	}
	if err != nil {
		return errors.Join(w.failed, fmt.Errorf("not even there could this be written, and it is lost: %w", err))
	}
	return w.failed
}

// closeRescue closes the rescue store. The writer has ended.
func (w *writer) closeRescue() error {
	if w.lifeboat == nil {
		return nil
	}
	err := w.lifeboat.Close()
	w.lifeboat = nil
	return err
}
