package postgres

import (
	"errors"
	"strings"
	"testing"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
)

// TestPGClaim: one process brings records into an arena at a time; another arena, and who works on this one, are not its affair.
func TestPGClaim(t *testing.T) {
	server := pgtest.Start(t)
	here, elsewhere := server.URL(t), server.URL(t)
	open := func(url string) *DB {
		db, err := Open(t.Context(), secret.New(url), Options{Writers: 4})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	first, second, other := open(here), open(here), open(elsewhere)
	if err := first.Claim(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.Claim(t.Context()); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "run this again") {
		t.Errorf("a second claim: %v; want store.ErrLocked, and what to do", err)
	}
	if err := other.Claim(t.Context()); err != nil {
		t.Errorf("a claim to another arena: %v", err)
	}
	b := &store.Batch{}
	b.PutOnce(store.Meta, []byte("k"), nil, []byte("v"))
	if _, err := second.Apply(t.Context(), b); err != nil {
		t.Errorf("who writes beside a claim: %v", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := second.Claim(t.Context()); err != nil {
		t.Errorf("a claim after the first has ended: %v", err)
	}
}
