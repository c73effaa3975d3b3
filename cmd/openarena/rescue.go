package main

import (
	"context"
	"os"
	"path/filepath"

	"openarena/store"
)

// rescueFile makes the file that takes what a server which went away cannot: beside us, else where temporary files are.
func rescueFile(ctx context.Context, who string) func() (store.Store, error) {
	name := "openarena-rescue-" + who + ".db"
	return func() (store.Store, error) {
		ctx := context.WithoutCancel(ctx) // who ends us wants to keep it no less
		db, err := store.Open(ctx, name, store.Options{})
		if err != nil {
			db, err = store.Open(ctx, filepath.Join(os.TempDir(), name), store.Options{})
		}
		if err != nil {
			return nil, err
		}
		return db, nil
	}
}
