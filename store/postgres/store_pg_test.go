package postgres_test

import (
	"testing"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/store"
	"openarena/store/postgres"
	"openarena/store/storetest"
)

func open(t testing.TB, url string, o postgres.Options) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), secret.New(url), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestPGStore: PostgreSQL keeps what a file keeps.
func TestPGStore(t *testing.T) {
	server := pgtest.Start(t)
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, server.URL(t), postgres.Options{}) })
}
