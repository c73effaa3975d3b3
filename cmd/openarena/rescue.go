package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"openarena/store"
)

// rescueFile makes the file that takes what a server which went away cannot: beside us, else where temporary files are.
func rescueFile(ctx context.Context) func() (store.Store, error) {
	name := fmt.Sprintf("openarena-rescue-%s-%d.db", time.Now().UTC().Format("20060102-150405"), os.Getpid())
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
