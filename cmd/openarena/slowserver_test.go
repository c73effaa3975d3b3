package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"openarena/internal/secret"
	"openarena/store/postgres"
)

// TestSlowServer: while one connects to a server that does not answer, nobody else waits for longer than they like, and who reads
// already is not kept.
func TestSlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(secret.New("postgres://u@localhost/db"))
		answer, calls := make(chan struct{}), 0
		s.connect = func(ctx context.Context) (*postgres.DB, error) {
			calls++
			select {
			case <-answer:
				return new(postgres.DB), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		first := make(chan error, 3)
		open := func(ctx context.Context) { _, err := s.acquire(ctx); first <- err }
		go open(t.Context())
		synctest.Wait()

		impatient, leave := context.WithCancel(t.Context())
		go open(impatient)
		synctest.Wait()
		leave()
		synctest.Wait()
		select {
		case err := <-first:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("acquire() of who left = %v; want context.Canceled", err)
			}
		default:
			t.Fatal("who left still waits for somebody else's connection")
		}
		if !s.mu.TryLock() {
			t.Fatal("the server is locked while somebody connects")
		}
		s.mu.Unlock()

		go open(t.Context())
		synctest.Wait()
		close(answer)
		for range 2 {
			if err := <-first; err != nil {
				t.Errorf("acquire() = %v", err)
			}
		}
		if calls != 1 || s.readers != 2 {
			t.Errorf("%d connections for %d readers; want 1 for 2", calls, s.readers)
		}
	})
}

// TestServerTakesOver: who connects and leaves before it can hands the turn to the next.
func TestServerTakesOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(secret.New("postgres://u@localhost/db"))
		slow := true
		s.connect = func(ctx context.Context) (*postgres.DB, error) {
			if slow {
				slow = false
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return new(postgres.DB), nil
		}
		impatient, leave := context.WithCancel(t.Context())
		go s.acquire(impatient)
		synctest.Wait()
		done := make(chan error, 1)
		go func() { _, err := s.acquire(t.Context()); done <- err }()
		synctest.Wait()
		leave()
		if err := <-done; err != nil || s.readers != 1 {
			t.Errorf("acquire() of the next = %v with %d readers; want one who reads", err, s.readers)
		}
	})
}
