package web

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"openarena/pipeline"
	"openarena/store"
)

// drafts keep what files of prompts say that were edited since the last run, so that not every request reads them. The last
// one is kept, and others until nobody looks at them any more.
type drafts struct {
	making chan struct{} // held by who reads files

	mu   sync.Mutex
	last *draft
}

// draft is what the files of one arena said at one time.
type draft struct {
	arena   *pipeline.Arena
	mark    string
	current pipeline.Current
	dir     string    // "": the database holds what the files say
	temp    *store.DB // in dir
	owner   *drafts
	looks   int // guarded by the owner's mu: who looks at it, and one while it is the last
}

func newDrafts() *drafts { return &drafts{making: make(chan struct{}, 1)} }

// of returns what files say beside the database behind r; whoever gets it releases it.
func (s *drafts) of(ctx context.Context, a *pipeline.Arena, r store.Reader) (*draft, error) {
	select {
	case s.making <- struct{}{}:
		defer func() { <-s.making }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	mark, err := a.CurrentMark(ctx, r)
	if err != nil {
		return nil, err
	}
	if d := s.known(a, mark); d != nil {
		return d, nil
	}
	d := &draft{arena: a, mark: mark, owner: s, looks: 2}
	if d.current, err = a.Current(ctx, r, func() (store.Store, error) { return d.open(ctx) }); err != nil {
		return nil, errors.Join(&UnreadError{err}, d.remove())
	}
	s.mu.Lock()
	before := s.last
	s.last = d
	s.mu.Unlock()
	before.release()
	return d, nil
}

// UnreadError is that a file of prompts cannot be read as it is now.
type UnreadError struct{ Err error }

func (e *UnreadError) Error() string { return e.Err.Error() }

func (e *UnreadError) Unwrap() error { return e.Err }

func (s *drafts) known(a *pipeline.Arena, mark string) *draft {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.last; d != nil && d.arena == a && d.mark == mark {
		d.looks++
		return d
	}
	return nil
}

func (s *drafts) close() error {
	s.mu.Lock()
	d := s.last
	s.last = nil
	s.mu.Unlock()
	return d.release()
}

// open makes a place to read the files into.
func (d *draft) open(ctx context.Context) (store.Store, error) {
	dir, err := os.MkdirTemp("", "openarena-*")
	if err != nil {
		return nil, fmt.Errorf("%w: a place to read the prompts into: %w", store.ErrUnwritable, err)
	}
	d.dir = dir
	d.temp, err = store.Open(ctx, filepath.Join(dir, "prompts.db"), store.Options{})
	return d.temp, err
}

// release has the last one who looks remove it.
func (d *draft) release() error {
	if d == nil {
		return nil
	}
	d.owner.mu.Lock()
	d.looks--
	left := d.looks
	d.owner.mu.Unlock()
	if left > 0 {
		return nil
	}
	return d.remove()
}

func (d *draft) remove() error {
	var closed error
	if d.temp != nil {
		closed = d.temp.Close()
	}
	if d.dir == "" {
		return closed
	}
	return errors.Join(closed, os.RemoveAll(d.dir))
}
