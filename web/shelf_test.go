package web

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// stillLook is a look of which only this is asked.
type stillLook struct {
	Look
	mark string
	live bool
}

func (l stillLook) Mark() string { return l.mark }
func (l stillLook) Live() bool   { return l.live }

// slow makes things that take a while.
type slow struct {
	shelf *shelf
	made  int
}

// want asks for a thing that takes a minute to make; it is the number of how often one was made.
func (s *slow) want(ctx context.Context, name, mark string, live bool) (int, error) {
	v := &visit{Context: ctx, look: stillLook{mark: mark, live: live}, shelf: s.shelf}
	return kept(v, name, func() (int, error) {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		s.made++
		return s.made, nil
	})
}

func TestShelf(t *testing.T) {
	type ask struct {
		name, mark string
		live       bool
		after      time.Duration // since the one before
		want       int
		took       time.Duration
	}
	for _, c := range []struct {
		why  string
		asks []ask
	}{
		{"the same state makes nothing anew, however old", []ask{{"a", "1", false, 0, 1, time.Minute}, {"a", "1", false, 10 * time.Minute, 1, 0}}},
		{"another state does", []ask{{"a", "1", false, 0, 1, time.Minute}, {"a", "2", false, 0, 2, time.Minute}}},
		{"names are apart", []ask{{"a", "1", false, 0, 1, time.Minute}, {"b", "1", false, 0, 2, time.Minute}, {"a", "1", false, 0, 1, 0}}},
		{"in a run 25 times the time that it took may be between", []ask{
			{"a", "1", true, 0, 1, time.Minute}, {"a", "2", true, 24 * time.Minute, 1, 0}, {"a", "3", true, 2 * time.Minute, 2, time.Minute},
		}},
		{"when the run has ended the end is shown", []ask{{"a", "1", true, 0, 1, time.Minute}, {"a", "2", false, 0, 2, time.Minute}}},
		{"what nobody wanted for long is gone when there is something new", []ask{
			{"a", "1", false, 0, 1, time.Minute}, {"b", "1", false, time.Hour, 2, time.Minute}, {"a", "1", false, 0, 3, time.Minute},
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &slow{shelf: newShelf()}
				for i, q := range c.asks {
					time.Sleep(q.after)
					began := time.Now()
					if got, err := s.want(t.Context(), q.name, q.mark, q.live); got != q.want || err != nil || time.Since(began) != q.took {
						t.Errorf("ask %d: %d, %v after %v; want %d after %v", i, got, err, time.Since(began), q.want, q.took)
					}
				}
			})
		})
	}
}

// TestShelfHasOneMaker: who else wants a thing waits for it, or is shown the one before while a run goes on.
func TestShelfHasOneMaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{shelf: newShelf()}
		for range 5 {
			go func() {
				if got, err := s.want(t.Context(), "a", "1", true); got != 1 || err != nil {
					t.Errorf("one of five who want it at once gets %d, %v; want the one that is made", got, err)
				}
			}()
		}
		time.Sleep(time.Hour)
		go s.want(t.Context(), "a", "2", true)
		synctest.Wait()
		began := time.Now()
		if got, err := s.want(t.Context(), "a", "2", true); got != 1 || err != nil || time.Since(began) != 0 {
			t.Errorf("while a newer one is made: %d, %v after %v; want the old one at once", got, err, time.Since(began))
		}
		if got, err := s.want(t.Context(), "a", "2", false); got != 2 || err != nil {
			t.Errorf("after the run: %d, %v; want the newer one", got, err)
		}
	})
}

// TestShelfOutlivesWhoLeaves: when the maker leaves, the next who waits makes it; who waits may leave, too.
func TestShelfOutlivesWhoLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{shelf: newShelf()}
		maker, leave := context.WithCancel(t.Context())
		go s.want(maker, "a", "1", false)
		synctest.Wait()
		got := make(chan int, 1)
		go func() {
			n, err := s.want(t.Context(), "a", "1", false)
			if err != nil {
				t.Error(err)
			}
			got <- n
		}()
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.want(impatient, "a", "1", false); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who leaves while another makes it gets %v; want the end of its patience", err)
		}
		leave()
		if n := <-got; n != 1 {
			t.Errorf("who waited for a maker who left gets %d; want 1", n)
		}
	})
}

func TestShelfIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{shelf: newShelf()}
		for i := range 3 * shelfRoom {
			if _, err := s.want(t.Context(), fmt.Sprint(i), "1", false); err != nil {
				t.Fatal(err)
			}
			if n := len(s.shelf.things); n > shelfRoom {
				t.Fatalf("%d things are kept; want at most %d", n, shelfRoom)
			}
		}
	})
}
