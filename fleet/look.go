package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/pipeline"
	"openarena/store"
)

// Look is how the work on an arena stands, from tables whose size does not grow with its records.
type Look struct {
	Epoch    Epoch
	Members  []Member // the dead included until somebody has cleared up behind them
	Counts   []Count
	Rests    []Rest
	Purse    Purse
	Rescued  int64              // parts taken from workers that were not heard of, and those that River took, of the jobs it knew at the last plan
	Overview *pipeline.Overview // as it was last kept; nil: never
	Made     time.Time          // of the overview

	outlook Outlook
}

// Rest is a server that asked to be left alone.
type Rest struct {
	Endpoint string    `json:"endpoint"`
	Model    string    `json:"model,omitempty"` // as the server calls it; empty: all of the endpoint
	Until    time.Time `json:"until"`
}

// Look reads it in one round trip. The error is ErrUnpublished where nobody works on the arena by these tables.
func (f *Fleet) Look(ctx context.Context) (*Look, error) {
	l := &Look{}
	var b pgx.Batch
	read := func(what, sql string, scan func(pgx.Rows) error) {
		b.Queue(f.sql(sql)).Query(func(rows pgx.Rows) error {
			if err := scan(rows); err != nil {
				return fmt.Errorf("read %s: %w", what, err)
			}
			return nil
		})
	}
	b.Queue(f.sql(versionSQL)).QueryRow(func(row pgx.Row) error {
		var found int
		if err := row.Scan(&found); err != nil {
			return err
		}
		return f.known(found)
	})
	b.Queue(f.sql(epochSQL)).QueryRow(l.Epoch.scan)
	read("who works on the arena", membersSQL, func(rows pgx.Rows) (err error) {
		l.Members, err = scanMembers(rows)
		return err
	})
	read("how far the parts are", countsSQL, func(rows pgx.Rows) (err error) {
		l.Counts, err = scanCounts(rows)
		return err
	})
	read("which endpoints rest", `SELECT endpoint, model, until FROM {schema}.oa_rest WHERE until > now() ORDER BY endpoint, model`, func(rows pgx.Rows) (err error) {
		l.Rests, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Rest])
		return err
	})
	b.Queue(f.sql(purseSQL)).QueryRow(l.Purse.scan)
	b.Queue(f.sql(`SELECT rescued, outlook FROM {schema}.oa_epoch`)).QueryRow(func(row pgx.Row) error {
		var outlook []byte
		err := row.Scan(&l.Rescued, &outlook)
		if err == nil {
			err = json.Unmarshal(outlook, &l.outlook)
		}
		l.Rescued += l.outlook.Rescued
		return err
	})
	b.Queue(f.sql(overviewSQL)).QueryRow(func(row pgx.Row) (err error) {
		l.Overview, l.Made, err = scanOverview(row)
		return err
	})
	if err := f.pool.SendBatch(ctx, &b).Close(); isMissing(err) || errors.Is(err, pgx.ErrNoRows) {
		return nil, ErrUnpublished
	} else if err != nil {
		return nil, err
	}
	if len(l.Alive()) == 0 { // the time that counts is that of work
		l.Purse.Lines = slices.DeleteFunc(l.Purse.Lines, func(b pipeline.BudgetLine) bool { return b.What == "seconds" })
	}
	return l, nil
}

// Alive are those members that were heard of.
func (l *Look) Alive() (all []Member) {
	for _, m := range l.Members {
		if m.Alive {
			all = append(all, m)
		}
	}
	return all
}

// Overview returns the one that was last kept, and when it was made; nil: none was.
func (f *Fleet) Overview(ctx context.Context) (o *pipeline.Overview, made time.Time, err error) {
	return scanOverview(f.pool.QueryRow(ctx, f.sql(overviewSQL)))
}

const overviewSQL = `SELECT board, made FROM {schema}.oa_board`

func scanOverview(row pgx.Row) (o *pipeline.Overview, made time.Time, err error) {
	var text []byte
	err = row.Scan(&text, &made)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, made, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil {
		return nil, made, fmt.Errorf("read the ratings as they were last computed: %w", err)
	}
	return o, made, nil
}

// KeepOverview puts one in the place of an older one. mark is that of the store before it was read.
func (f *Fleet) KeepOverview(ctx context.Context, o *pipeline.Overview, mark string, began time.Time) error {
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	_, err = f.pool.Exec(ctx, f.sql(`INSERT INTO {schema}.oa_board AS b (made, mark, board) VALUES ($1, $2, $3)
		ON CONFLICT (one) DO UPDATE SET made = excluded.made, mark = excluded.mark, board = excluded.board WHERE b.made < excluded.made`), began, mark, string(text))
	return err
}

// Renew makes the overview anew from what the store holds now, unless it is of this very state; it walks everything.
func (f *Fleet) Renew(ctx context.Context, a *pipeline.Arena, db Records) error {
	mark, err := db.Mark(ctx)
	if err != nil {
		return err
	}
	return f.renew(ctx, a, db, mark)
}

// claimed is for how long others leave an overview to who makes it.
const claimed = 10 * time.Minute

// renewAlone is Renew for those that would all do it at the same moment: of a state of the store one makes the overview.
func (f *Fleet) renewAlone(ctx context.Context, a *pipeline.Arena, db Records) error {
	mark, err := db.Mark(ctx)
	if err != nil {
		return err
	}
	claim, err := f.pool.Exec(ctx, f.sql(`UPDATE {schema}.oa_epoch SET making = $1, claimed = now()
		WHERE making IS DISTINCT FROM $1 OR claimed < now() - $2 * interval '1 microsecond'`), mark, claimed.Microseconds())
	if err != nil || claim.RowsAffected() == 0 {
		return err
	}
	if err = f.renew(ctx, a, db, mark); err == nil {
		return nil
	}
	leave, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	_, left := f.pool.Exec(leave, f.sql(`UPDATE {schema}.oa_epoch SET making = NULL WHERE making = $1`), mark)
	return errors.Join(err, left)
}

func (f *Fleet) renew(ctx context.Context, a *pipeline.Arena, db Records, mark string) error {
	var known string
	var began time.Time
	err := f.pool.QueryRow(ctx, f.sql(`SELECT now(), coalesce((SELECT mark FROM {schema}.oa_board), '')`)).Scan(&began, &known)
	if err != nil || known == mark {
		return err
	}
	o, err := a.Overview(ctx, db)
	if err != nil {
		return err
	}
	return f.KeepOverview(ctx, o, mark, began)
}

// Records are an arena's records with a mark of their state: a *postgres.DB.
type Records interface {
	store.Reader
	Mark(ctx context.Context) (string, error)
}

// boardEvery is the least time between two overviews that `status` shows; each walks everything.
const boardEvery = 30 * time.Second

// renew has the overview made anew beside the work, by whoever plans, and for no more than a twentieth of the time.
func (s *session) renew(ctx context.Context) {
	db, ok := s.worker.Store.(Records)
	var age float64
	err := s.worker.Fleet.pool.QueryRow(ctx, s.worker.Fleet.sql(`SELECT coalesce(extract(epoch FROM now() - max(made))::float8, 1e9) FROM {schema}.oa_board`)).Scan(&age)
	wait := max(boardEvery, time.Duration(s.boardTook.Load())*20)
	if !ok || err != nil || age < wait.Seconds() || !s.renewing.TryLock() {
		return
	}
	go func() {
		defer s.renewing.Unlock()
		began := time.Now()
		if err := s.worker.Fleet.renewAlone(s.stopping, s.arena, db); err != nil && s.stopping.Err() == nil {
			s.worker.say("warning: the ratings that status shows: %v", err)
		}
		s.boardTook.Store(int64(time.Since(began)))
	}()
}

// renewLast has the overview be of all that was done, where nobody may be left to make it anew.
func (s *session) renewLast(ctx context.Context) {
	s.renewing.Lock()
	defer s.renewing.Unlock()
	if db, ok := s.worker.Store.(Records); ok {
		if err := s.worker.Fleet.renewAlone(ctx, s.arena, db); err != nil && ctx.Err() == nil {
			s.worker.say("warning: the ratings that status shows: %v", err)
		}
	}
}
