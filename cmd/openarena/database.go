package main

import (
	"context"
	"path/filepath"
	"regexp"

	"github.com/urfave/cli/v2"

	"openarena/configs"
	"openarena/fleet"
	"openarena/internal/secret"
	"openarena/pipeline"
	"openarena/store"
	"openarena/store/postgres"
)

// Whatever keeps an arena's records, commands find it here: a file, or a schema of a server.

// placeOf is what --db or --compare names: a file of this machine, or a server.
func placeOf(text string) (configs.Store, error) {
	if configs.IsStoreURL(text) {
		return configs.Store{URL: secret.New(text)}, nil
	}
	if notAPath.MatchString(text) { // and is not repeated: a password may be in it
		return configs.Store{}, usage("what names the database is neither a file nor an address that begins with postgres://")
	}
	path, err := filepath.Abs(text)
	return configs.Store{Path: path}, err
}

// notAPath is what was meant to be the address of some server: a URL, or words as libpq has them.
var notAPath = regexp.MustCompile(`(?i)^[a-z][a-z0-9+.-]+://|^postgres(ql)?:/|(^|\s)(host|hostaddr|user|password|dbname)\s*=`)

// databaseOf is where the records of a configuration are.
func databaseOf(cfg *configs.Config) store.Database {
	if !cfg.Store.URL.Empty() {
		return newServer(cfg.Store.URL)
	}
	return store.File(cfg.StorePath())
}

// newArena is a configuration as work on its database.
func newArena(cfg *configs.Config, t pipeline.Trial) (*pipeline.Arena, error) {
	a, err := pipeline.New(cfg, t)
	if err == nil {
		a.Database = databaseOf(cfg)
	}
	return a, err
}

// database needs no valid arena where --db names it. Its error is of store.ErrNoDatabase where there is none yet.
func (e *environment) database(c *cli.Context) (db store.Database, err error) {
	cfg := &configs.Config{}
	if name := c.String("db"); name != "" {
		cfg.Store, err = placeOf(name)
	} else {
		cfg, err = e.config(c)
	}
	if err != nil {
		return nil, err
	}
	db = databaseOf(cfg)
	return db, db.Exists(e.signals.soft)
}

// databaseFile is database for what only a file needs; command is what refuses a server.
func (e *environment) databaseFile(c *cli.Context, instead string) (string, error) {
	db, err := e.database(c)
	if err != nil {
		return "", err
	}
	f, is := db.(store.File)
	if !is {
		return "", usage("%s: %s", db, instead)
	}
	return string(f), nil
}

// write opens the database to be changed, and makes it if need be.
func (e *environment) write(ctx context.Context, a *pipeline.Arena, o store.Options) (store.Store, error) {
	if path := a.Config.StorePath(); path != "" {
		if err := folderOf(path); err != nil {
			return nil, err
		}
	}
	return a.Database.Open(ctx, o)
}

// unattended is existing for what must not be changed while others work by it: with an error of store.ErrLocked it is left to
// them.
func (e *environment) unattended(ctx context.Context, a *pipeline.Arena, command string) (store.Store, error) {
	if s, is := a.Database.(*server); is {
		if err := s.unattended(ctx); err != nil {
			return nil, err
		}
	}
	return e.existing(ctx, a, command)
}

// anew has all who work on an arena look at each part once more: what is wanted, or there, has changed under them.
func anew(ctx context.Context, db store.Store, why string) error {
	on, is := db.(*postgres.DB)
	if !is {
		return nil
	}
	f, known, err := fleet.Known(ctx, on)
	if err == nil && known {
		err = f.Touch(ctx, why)
	}
	return err
}

// keepRatings has `status` show the ratings as they are now, where it does not compute them itself.
func keepRatings(ctx context.Context, a *pipeline.Arena, db store.Store) error {
	on, is := db.(*postgres.DB)
	if !is {
		return nil
	}
	f, known, err := fleet.Known(ctx, on)
	if err == nil && known {
		err = f.Renew(ctx, a, on)
	}
	return err
}

// existing is write for commands that have no use for an empty database.
func (e *environment) existing(ctx context.Context, a *pipeline.Arena, command string) (store.Store, error) {
	if err := a.Database.Exists(ctx); err != nil {
		return nil, err
	}
	return e.write(ctx, a, store.Options{Command: command})
}
