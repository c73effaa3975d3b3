package fleet

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/configs"
	"openarena/pipeline"
)

// ErrUnpublished: nobody has published a configuration yet.
var ErrUnpublished = errors.New("no configuration is published yet; `openarena run` with this store publishes its own")

// Options are what a command says beside its file, and all who work on the arena do.
type Options struct {
	AllowUnknownCost bool `json:"allow_unknown_cost,omitempty"`
	Wait             bool `json:"wait,omitempty"` // for hours, where a quota is used up
}

// published is how a configuration lies in the database: keys as ${NAME}, which each machine has of its own.
type published struct {
	Name  string            `json:"name"` // of the arena's file
	Arena string            `json:"arena"`
	Texts map[string]string `json:"texts"` // of the files that it names
}

// Publish makes a file the configuration that all work by, and begins a new epoch. The datasets must have been read
// into the store (Sync). The error is a configs.Problems where the file holds keys.
func (f *Fleet) Publish(ctx context.Context, c *configs.Config, o Options, why string) (Epoch, error) {
	if len(c.Secrets) > 0 {
		return Epoch{}, fmt.Errorf("the file is handed to all workers, and may hold no key:\n%w", configs.Problems(c.Secrets))
	}
	p, err := collect(c)
	if err != nil {
		return Epoch{}, err
	}
	files, err := json.Marshal(p)
	if err != nil {
		return Epoch{}, err
	}
	options, err := json.Marshal(o)
	if err != nil {
		return Epoch{}, err
	}
	hash := sha256.Sum256(append(files, options...))
	err = f.alone(ctx, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, f.sql(`INSERT INTO {schema}.oa_config (hash, files, options) VALUES ($1, $2, $3)
			ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash RETURNING id`), hash[:], string(files), string(options)).Scan(&id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, f.sql(`INSERT INTO {schema}.oa_epoch AS e (epoch, config, since, began, published, why) VALUES (1, $1, now(), now(), now(), $2)
			ON CONFLICT (one) DO UPDATE SET epoch = e.epoch + 1, config = $1, began = now(), published = now(), why = $2, outlook = '{}',
				since = CASE WHEN e.config = $1 THEN e.since ELSE now() END`), id, why)
		return err
	})
	if err != nil {
		return Epoch{}, fmt.Errorf("publish the configuration: %w", err)
	}
	return f.Epoch(ctx)
}

// collect reads the texts that a configuration is made of.
func collect(c *configs.Config) (p published, err error) {
	p = published{Name: filepath.Base(c.Path), Texts: map[string]string{}}
	text, err := os.ReadFile(c.Path)
	if err != nil {
		return p, fmt.Errorf("publish the configuration: %w", err)
	}
	p.Arena = string(text)
	names := []string{pipeline.PriceFile}
	for _, j := range c.Judges {
		if j.Template != "" {
			names = append(names, j.Template)
		}
	}
	for _, name := range names {
		text, err := c.ReadFile(name)
		switch {
		case err == nil:
			p.Texts[name] = string(text)
		case name != pipeline.PriceFile || !errors.Is(err, fs.ErrNotExist):
			return p, fmt.Errorf("publish the configuration: %w", err)
		}
	}
	return p, nil
}

// Epoch is what holds for all who work on an arena.
type Epoch struct {
	Number int64
	Config int64     // of the published configuration
	Since  time.Time // when that came into force
	Began  time.Time
	// Published is when a command last published it: limits and budget are those of its file from then on.
	Published time.Time
	Why       string // what the epoch began with, such as "run" or "redo"
}

// Epoch returns the present one, or ErrUnpublished.
func (f *Fleet) Epoch(ctx context.Context) (Epoch, error) {
	var e Epoch
	err := e.scan(f.pool.QueryRow(ctx, f.sql(epochSQL)))
	return e, err
}

// replaced is ErrReplaced where another file was published in place of the worker's own. Options, and the file's name, are no
// difference.
func (w *Worker) replaced(ctx context.Context, e Epoch) error {
	if w.Published == 0 || w.Published == e.Config {
		return nil
	}
	var name string
	err := w.Fleet.pool.QueryRow(ctx, w.Fleet.sql(`SELECT b.files->>'name' FROM {schema}.oa_config a, {schema}.oa_config b
		WHERE a.id = $1 AND b.id = $2 AND a.files - 'name' <> b.files - 'name'`), w.Published, e.Config).Scan(&name)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look whether another file was published: %w", err)
	}
	return fmt.Errorf("%w: %s, at %s", ErrReplaced, name, e.Began.Local().Format(time.TimeOnly))
}

const epochSQL = `SELECT epoch, config, since, began, published, why FROM {schema}.oa_epoch`

func (e *Epoch) scan(row pgx.Row) error {
	err := row.Scan(&e.Number, &e.Config, &e.Since, &e.Began, &e.Published, &e.Why)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrUnpublished
	}
	return err
}

// Touch begins a new epoch: what is wanted, or what is there, has changed in a way that a look at each part finds. Without
// a published configuration it does nothing, since nothing was looked at yet.
func (f *Fleet) Touch(ctx context.Context, why string) error {
	_, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.oa_epoch SET epoch = epoch + 1, began = now(), why = $1, outlook = '{}'`), why)
	return err
}

// Configuration loads what an epoch works by, with the variables of this machine. The error says which of them is missing
// where.
func (f *Fleet) Configuration(ctx context.Context, e Epoch, env func(string) (string, bool)) (*configs.Config, Options, error) {
	var files, options []byte
	var p published
	var o Options
	err := f.pool.QueryRow(ctx, f.sql(`SELECT files, options FROM {schema}.oa_config WHERE id = $1`), e.Config).Scan(&files, &options)
	if err == nil {
		err = errors.Join(json.Unmarshal(files, &p), json.Unmarshal(options, &o))
	}
	if err != nil {
		return nil, o, fmt.Errorf("read the published configuration: %w", err)
	}
	c, err := configs.Parse(p.Name, []byte(p.Arena), elsewhere(p.Arena, env))
	if err != nil {
		return nil, o, err
	}
	if c.Texts = p.Texts; c.Texts == nil {
		c.Texts = map[string]string{}
	}
	return c, o, nil
}
