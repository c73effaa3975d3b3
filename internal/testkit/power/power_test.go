//go:build linux

package power

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"openarena/internal/testkit/setting"
)

// perOperation is how many disks are made of each moment of a record.
const perOperation = 2

// station is where power is cut: a program, folders, checkers.
type station struct {
	t      *testing.T
	binary string
	images string // in memory where there is such a file system: thousands are written, and synced
	dice   *rand.Rand

	tally      map[string]int // of processes, by how they ended
	operations int
}

func newStation(t *testing.T, seed uint64) *station {
	t.Helper()
	s := &station{t: t, dice: rand.New(rand.NewPCG(seed, 0)), tally: map[string]int{}}
	s.needFUSE()
	s.binary = filepath.Join(t.TempDir(), "powerload")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", s.binary, "./internal/testkit/cmd/powerload")
	build.Dir = "../../.." // another module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	s.images = t.TempDir()
	if dir, err := os.MkdirTemp("/dev/shm", "power-"); err == nil {
		s.images = dir
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
	return s
}

// needFUSE skips the test where nothing can be mounted, in words that nobody overlooks.
func (s *station) needFUSE() {
	s.t.Helper()
	_, server, err := mount(s.t.TempDir())
	if err != nil {
		s.t.Skipf("POWER CUTS ARE NOT TESTED HERE: FUSE cannot be used (%v); it takes /dev/fuse and the superuser", err)
	}
	if err := server.Unmount(); err != nil {
		s.t.Fatal(err)
	}
}

// cuts yields so many disks of one record after the other, each changed by change, until ctx ends.
func (s *station) cuts(ctx context.Context, story story, change func([]op) []op, most int) <-chan cut {
	cuts := make(chan cut)
	go func() {
		defer close(cuts)
		for made := 0; made < most; {
			log, err := tell(s.t.Context(), s.binary, s.t.TempDir(), story, s.dice, s.tally)
			if err != nil {
				s.t.Error(err)
				return
			}
			s.operations += len(log)
			for k := range replay(change(log), perOperation, s.dice) {
				if made == most {
					return
				}
				select {
				case cuts <- k:
					made++
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return cuts
}

// inspect checks cuts, several at a time, and returns how many there were.
func (s *station) inspect(cuts <-chan cut, found func(k cut, wrong string)) int {
	var mu sync.Mutex
	var wg sync.WaitGroup
	checked := 0
	for range runtime.NumCPU() {
		wg.Go(func() {
			c := &checker{binary: s.binary, dir: s.images}
			defer c.stop()
			for k := range cuts {
				wrong, err := c.check(s.t.Context(), k)
				mu.Lock()
				checked++
				if err != nil {
					s.t.Error(err)
				}
				if wrong != "" {
					found(k, wrong)
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return checked
}

// TestPower cuts the power OPENARENA_POWER times, 500 if unset, or until OPENARENA_POWER_TIME is over.
func TestPower(t *testing.T) {
	cutPower(t, mixed, setting.Number(t, "OPENARENA_POWER", 500))
}

// TestCreation cuts the power while a database is created, a tenth as often.
func TestCreation(t *testing.T) {
	cutPower(t, creation, max(200, setting.Number(t, "OPENARENA_POWER", 500)/10))
}

// TestRepairing cuts the power while a database is repaired, which replaces it and keeps the old one; a tenth as often.
func TestRepairing(t *testing.T) {
	cutPower(t, repairing, max(200, setting.Number(t, "OPENARENA_POWER", 500)/10))
}

func cutPower(t *testing.T, story story, want int) {
	ctx := t.Context()
	if limit := setting.Limit(t, "OPENARENA_POWER_TIME"); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	seed := setting.Number(t, "OPENARENA_POWER_SEED", 1)
	s := newStation(t, uint64(seed))
	began, bad := time.Now(), 0
	cuts := s.cuts(ctx, story, func(log []op) []op { return log }, want)
	checked := s.inspect(cuts, func(k cut, wrong string) {
		if bad++; bad <= 3 {
			t.Errorf("power cut %s:\n  %s", k.where, wrong)
		}
	})
	t.Logf("seed %d: %d disks after power cuts at %d operations, in %s: %d bad", seed, checked, s.operations,
		time.Since(began).Round(time.Second), bad)
	for _, end := range slices.Sorted(maps.Keys(s.tally)) {
		t.Logf("  %4d  %s", s.tally[end], end)
	}
	t.Attr("figure", fmt.Sprintf("%d disks after power cuts, %d bad", checked, bad))
	if checked == 0 {
		t.Error("nothing was checked")
	}
}

// TestCareless looks at the records of programs that leave something out: each must be found to lose something.
func TestCareless(t *testing.T) {
	const most = 20_000 // disks to look at for one fault
	s := newStation(t, 7)
	for _, c := range []struct {
		name     string
		careless func([]op) []op
		story    story
	}{
		{"no sync at all", noSync, mixed},
		{"no sync of data pages", noDataSync, mixed},
		{"no sync of meta pages", noMetaSync, mixed},
		{"no sync of the folder", noFolderSync, mixed},
		{"acknowledged before the sync", hasty, mixed},
		{"what another process left is taken for durable", trusting, mixed},
		{"a meta page that a failed sync was to write is not written again", believing, failing},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			first := ""
			checked := s.inspect(s.cuts(ctx, c.story, c.careless, most), func(k cut, wrong string) {
				if first == "" {
					first = fmt.Sprintf("power cut %s:\n  %s", k.where, wrong)
					cancel()
				}
			})
			if first == "" {
				t.Fatalf("%d disks were checked and none was bad", checked)
			}
			t.Logf("found after %d disks: %s", checked, first)
		})
	}
}
