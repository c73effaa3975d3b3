package web

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"openarena/pipeline"
	"openarena/store"
)

// openWait is how long a page waits for a process that has the database open and does not answer.
const openWait = 4 * time.Second

// Local is an arena in files of this machine, read anew when they change. Its methods may be called from several goroutines.
type Local struct {
	load   func() (*pipeline.Arena, error)
	drafts *drafts

	opening sync.RWMutex // a vote that is about to be saved locks it, and whoever opens the database meanwhile waits

	mu    sync.Mutex
	arena *pipeline.Arena // nil: err says why
	err   error
	stamp string // of the files that say what the arena is
	times int    // that it was read
}

var _ Source = (*Local)(nil)

// NewLocal returns an arena that load reads from its files.
func NewLocal(load func() (*pipeline.Arena, error)) *Local {
	return &Local{load: load, drafts: newDrafts()}
}

// Close removes what was kept of edited prompt files. Nobody may look any more.
func (l *Local) Close() error { return l.drafts.close() }

// Arena implements Source. Files with mistakes are read again each time, until they are mended.
func (l *Local) Arena() (*pipeline.Arena, error) {
	a, _, err := l.now()
	return a, err
}

// now is the arena, and how often it was read.
func (l *Local) now() (*pipeline.Arena, int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.arena == nil || stampOf(l.arena.Files()) != l.stamp {
		l.times++
		if l.arena, l.err = l.load(); l.err == nil {
			l.stamp = stampOf(l.arena.Files())
		}
	}
	return l.arena, l.times, l.err
}

// stampOf is another one when one of the files is.
func stampOf(files []string) string {
	var b strings.Builder
	for _, name := range files {
		if at, err := os.Stat(name); err == nil {
			b.WriteString(name + " " + strconv.FormatInt(at.Size(), 36) + " " + at.ModTime().String())
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Look implements Source.
func (l *Local) Look(ctx context.Context, a *pipeline.Arena) (Look, error) {
	look := &localLook{}
	l.opening.RLock()
	defer l.opening.RUnlock()
	if err := look.open(ctx, l, a); err != nil {
		look.Close()
		return nil, err
	}
	return look, nil
}

// Find implements Source.
func (l *Local) Find(ctx context.Context, a *pipeline.Arena) (store.Work, error) {
	return a.Database.FindRunning(ctx)
}

// Vote implements Source.
func (l *Local) Vote(ctx context.Context, a *pipeline.Arena, b pipeline.VoteSlip) error {
	return pipeline.SendVote(ctx, a.Database, b, &l.opening)
}

// Mark implements Source.
func (l *Local) Mark(ctx context.Context, a *pipeline.Arena) string {
	ctx, cancel := context.WithTimeout(ctx, openWait)
	defer cancel()
	l.mu.Lock()
	times := l.times
	l.mu.Unlock()
	mark, err := a.Database.Mark(ctx)
	if err != nil {
		mark = err.Error()
	}
	return strconv.Itoa(times) + " " + mark
}

// localLook is one frozen state, with the prompts as their files are now.
type localLook struct {
	store.Reader
	db       store.ReadStore
	snapshot store.Snapshot
	draft    *draft
	mark     string
}

func (k *localLook) open(ctx context.Context, l *Local, a *pipeline.Arena) (err error) {
	k.mark = l.Mark(ctx, a) // before the state is frozen: an older mark has it read again, a newer one never
	opening, cancel := context.WithTimeout(ctx, openWait)
	defer cancel()
	if k.db, err = a.Database.OpenReader(opening); err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return &store.LockedError{Path: a.Database.String()}
		}
		return err
	}
	if k.draft, err = l.drafts.of(ctx, a, k.db); err != nil {
		return err
	}
	if k.snapshot, err = k.db.Snapshot(ctx); err != nil {
		return err
	}
	k.Reader, k.mark = k.draft.current.Over(k.snapshot), k.mark+" "+k.draft.mark
	return nil
}

func (k *localLook) Mark() string                                         { return k.mark }
func (k *localLook) Live() bool                                           { return k.db.Live() }
func (k *localLook) Died() (store.Process, bool)                          { return k.db.Died() }
func (k *localLook) Running(ctx context.Context) (json.RawMessage, error) { return k.db.Info(ctx) }

// Close implements Look.
func (k *localLook) Close() {
	if k.snapshot != nil {
		k.snapshot.Close()
	}
	if k.draft != nil {
		k.draft.release()
	}
	if k.db != nil {
		k.db.Close()
	}
}
