package terminal

import (
	"cmp"
	"context"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	barInterval   = 125 * time.Millisecond
	plainInterval = 30 * time.Second
	plainLook     = time.Second // how often plain output looks for a stage that ended
)

// Options are how [Progress] shows a run. The zero value asks for bars without colour.
type Options struct {
	Plain    bool          // lines instead of bars, even on a terminal
	Color    bool          // see [Color]
	Quiet    bool          // nothing at all
	Interval time.Duration // between frames, or between lines; 0: 125 ms for frames, 30 s for lines
}

// Progress shows how a run goes on: bars that redraw in place on a terminal, now and then a line elsewhere. Counting
// is somebody else's task: it asks for a [Snapshot] when it wants to draw one. All methods may be called concurrently.
type Progress struct {
	every time.Duration // between snapshots; 0: never ask for one

	mu      sync.Mutex
	display display
	cancel  context.CancelFunc // nil before Start
	done    chan struct{}      // closed when the last state is shown
}

// NewProgress returns progress on w. There are bars if w is a terminal that can move its cursor (TERM is not dumb) and
// has a person before it (CI is not set); else lines. A terminal that goes away while the run goes on is no error.
func NewProgress(w *os.File, o Options) *Progress {
	if !IsTerminal(w) || os.Getenv("TERM") == "dumb" || os.Getenv("CI") != "" {
		o.Plain = true
	}
	return newProgress(w, func() (int, int) { return size(w) }, o)
}

func newProgress(w io.Writer, size func() (width, height int), o Options) *Progress {
	switch {
	case o.Quiet:
		return &Progress{display: &lines{w: w}}
	case o.Plain:
		every := cmp.Or(max(0, o.Interval), plainInterval)
		return &Progress{display: &lines{w: w, every: every}, every: min(every, plainLook)}
	}
	return &Progress{
		display: &bars{screen: screen{w: w}, size: size, palette: NewPalette(o.Color)},
		every:   cmp.Or(max(0, o.Interval), barInterval),
	}
}

// Start draws what snap returns until Stop is called or ctx ends, beginning at once. It must be called once at most.
// snap is called from one goroutine at a time and should return quickly.
func (p *Progress) Start(ctx context.Context, snap func() Snapshot) {
	if p.every == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	ctx, p.cancel = context.WithCancel(ctx)
	p.done = make(chan struct{})
	go p.run(ctx, snap, p.done)
}

// Stop draws the last state and returns when it is on the screen and the terminal is as it was before: the cursor is
// shown and stands below. It may be called at any time and more than once; every way out of the program should.
func (p *Progress) Stop() {
	p.mu.Lock()
	cancel, done := p.cancel, p.done
	p.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	<-done
}

func (p *Progress) run(ctx context.Context, snap func() Snapshot, done chan<- struct{}) {
	defer close(done)
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	p.draw(snap(), display.show)
	for {
		select {
		case <-ticker.C:
			p.draw(snap(), display.show)
		case <-ctx.Done():
			p.draw(snap(), display.finish)
			return
		}
	}
}

func (p *Progress) draw(s Snapshot, how func(display, Snapshot)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(p.display, s)
}

// size returns the size of the terminal now; 80x24 if it does not know.
func size(f *os.File) (width, height int) {
	width, height, err := term.GetSize(int(f.Fd()))
	if err != nil || width < 1 || height < 1 {
		return 80, 24
	}
	return width, height
}
