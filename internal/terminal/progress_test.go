package terminal

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clockwork is a run whose one stage finishes an item each second, 90 in all.
func clockwork(start time.Time) func() Snapshot {
	return func() Snapshot {
		elapsed := time.Since(start)
		done := min(90, int64(elapsed/time.Second))
		return Snapshot{
			Elapsed: elapsed,
			Stages:  []Stage{{Name: "judge", Done: done, Wanted: 90, Rate: 1, ETA: time.Duration(90-done) * time.Second, InFlight: 1}},
		}
	}
}

func TestProgressDrawsBars(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVT(t, 60, 10)
		p := newProgress(v, v.size, Options{})
		p.Start(t.Context(), clockwork(time.Now()))
		synctest.Wait()
		if got, want := v.text(), "judge ──────────  0/90   0%  1.0/s  2 min left  1 in flight\n0 s"; got != want {
			t.Errorf("at the start the screen is\n%s\nwant\n%s", got, want)
		}
		time.Sleep(45*time.Second + time.Millisecond)
		synctest.Wait()
		if got, want := v.text(), "judge ━━━━━───── 45/90  50%  1.0/s   45 s left  1 in flight\n45 s"; got != want {
			t.Errorf("after 45 s the screen is\n%s\nwant\n%s", got, want)
		}
		p.Stop()
		if strings.Contains(v.text(), "left") {
			t.Errorf("the last frame still promises an end:\n%s", v.text())
		}
		if v.hidden || v.wrapped > 0 || v.rows[v.row] != "" {
			t.Errorf("cursor hidden %v in row %q, %d lines wrapped; want it shown on an empty row", v.hidden, v.rows[v.row], v.wrapped)
		}
	})
}

func TestProgressFollowsTheSizeOfTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVT(t, 80, 24)
		var small atomic.Bool
		p := newProgress(v, func() (int, int) {
			if small.Load() {
				return 30, 5
			}
			return v.size()
		}, Options{})
		p.Start(t.Context(), busy)
		synctest.Wait()
		before := v.text()
		small.Store(true)
		time.Sleep(time.Second)
		synctest.Wait()
		p.Stop()
		if !strings.Contains(before, "gemma") || strings.Contains(v.text(), "gemma") {
			t.Errorf("at 80x24:\n%s\nthen at 30x5:\n%s\nwant the ranking in the first only", before, v.text())
		}
	})
}

func TestProgressPlain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b bytes.Buffer
		p := newProgress(&b, nil, Options{Plain: true})
		p.Start(t.Context(), clockwork(time.Now()))
		time.Sleep(35*time.Second + time.Millisecond)
		synctest.Wait()
		time.Sleep(65 * time.Second)
		p.Stop()
		want := `[0 s] judge 0/90 0% 1.0/s 2 min left 1 in flight
[30 s] judge 30/90 33% 1.0/s 1 min left 1 in flight
[1 min] judge 60/90 66% 1.0/s 30 s left 1 in flight
[1 min 30 s] judge 90/90 100% 1 in flight
[1 min 40 s] judge 90/90 100%
`
		if b.String() != want {
			t.Errorf("plain output is\n%s\nwant\n%s", b.String(), want)
		}
	})
}

func TestProgressPlainNamesWhatWaits(t *testing.T) {
	got := plainText(busy())
	want := "generate 1,200/1,200 100% · judge 2,210/7,200 33% 18.4/s 4 h 20 min left 190 failed 64 in flight · " +
		"export 300/– 1 in flight · api.openai.com paused until 14:05: rate limit · $1.23 · 1.2M tokens in, 340k out · " +
		"stopping: finishing 64 calls in flight (Ctrl-C again to leave at once)"
	if got != want {
		t.Errorf("plainText = %s\nwant %s", got, want)
	}
}

func TestProgressQuiet(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, nil, Options{Quiet: true})
	p.Start(t.Context(), func() Snapshot { t.Error("quiet progress asked for a snapshot"); return Snapshot{} })
	p.Stop()
	if b.Len() > 0 {
		t.Errorf("quiet output is %q; want none", b.String())
	}
}

func TestProgressStop(t *testing.T) {
	t.Run("without Start, and twice, it returns", func(t *testing.T) {
		v := newVT(t, 80, 24)
		p := newProgress(v, v.size, Options{})
		p.Stop()
		p.Stop()
		if v.writes != 0 {
			t.Errorf("%d writes; want none", v.writes)
		}
	})
	t.Run("when ctx ends the last state is drawn and the cursor is back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			v := newVT(t, 80, 24)
			p := newProgress(v, v.size, Options{})
			ctx, cancel := context.WithCancel(t.Context())
			p.Start(ctx, busy)
			synctest.Wait()
			cancel()
			synctest.Wait()
			if v.hidden || strings.Contains(v.text(), "gemma") {
				t.Errorf("cursor hidden %v, screen\n%s", v.hidden, v.text())
			}
			p.Stop()
			p.Stop()
		})
	})
}

func TestProgressFromManyGoroutines(t *testing.T) {
	var b bytes.Buffer
	p := newProgress(&b, func() (int, int) { return 80, 24 }, Options{Interval: time.Microsecond})
	p.Start(t.Context(), busy)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(p.Stop)
	}
	wg.Wait()
	if !strings.HasSuffix(b.String(), showCursor) {
		t.Errorf("output ends %q; want the cursor shown", b.String()[max(0, b.Len()-20):])
	}
}
