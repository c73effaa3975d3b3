package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"openarena/pipeline"
	"openarena/store"
)

// planner decides what is handed out in an epoch.
type planner struct {
	fleet  *Fleet
	store  store.Store
	arena  *pipeline.Arena
	epoch  int64
	before map[model][]model
	insert func(context.Context, []river.InsertManyParams) error
	look   func(context.Context, pipeline.Part) (pipeline.PartResult, error) // that asks for nothing
	asked  bool                                                              // for the next battles
}

// plan clears up behind the dead, hands out what is due, and notes what there is to come. Two at once do no harm.
func (p *planner) plan(ctx context.Context) (Outlook, error) {
	if _, err := p.fleet.Bury(ctx); err != nil {
		return Outlook{}, fmt.Errorf("book what workers that died may have spent: %w", err)
	}
	if _, err := p.fleet.sweep(ctx); err != nil {
		return Outlook{}, fmt.Errorf("clear up behind workers that died: %w", err)
	}
	o, err := p.outline(ctx)
	if err != nil {
		return Outlook{}, err
	}
	if seen, err := p.visit(ctx, o.deserted()); err != nil {
		return Outlook{}, err
	} else if seen {
		if o, err = p.outline(ctx); err != nil {
			return Outlook{}, err
		}
	}
	due, look := o.plan()
	if due, err = p.fleet.without(ctx, due); err != nil {
		return look, fmt.Errorf("look which parts are handed out: %w", err)
	}
	if look.Rescued, err = p.fleet.taken(ctx); err != nil {
		return look, fmt.Errorf("count parts that were taken from workers: %w", err)
	}
	const batch = 1000
	many := len(due) >= batch/10
	for len(due) > 0 {
		n := min(batch, len(due))
		jobs := make([]river.InsertManyParams, n)
		for i, part := range due[:n] {
			jobs[i] = insertPart(part)
		}
		if err := p.insert(ctx, jobs); err != nil {
			return look, fmt.Errorf("hand out parts: %w", err)
		}
		due = due[n:]
	}
	if many { // who has planned how to find a job among none is to do so again
		if _, err := p.fleet.pool.Exec(ctx, p.fleet.sql(`ANALYZE {schema}.river_job`)); err != nil {
			return look, fmt.Errorf("have the server see how many parts there are: %w", err)
		}
	}
	if look.Parts == 0 {
		more, err := p.next(ctx)
		if more || err != nil {
			return Outlook{Of: p.epoch, Parts: 1}, err
		}
	}
	return look, p.fleet.note(ctx, look)
}

// without leaves out parts that are handed out already: River would find that itself, and write each of them once more.
func (f *Fleet) without(ctx context.Context, due []pipeline.Part) ([]pipeline.Part, error) {
	if len(due) == 0 {
		return nil, nil
	}
	rows, err := f.pool.Query(ctx, f.sql(`SELECT (args->>'judge')::bool, args->>'who', args->>'from', args->>'to' FROM {schema}.river_job
		WHERE kind = 'part' AND state = ANY($1::text[]::{schema}.river_job_state[])`), unfinished)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[partArgs])
	if err != nil {
		return nil, err
	}
	out := make(map[partArgs]bool, len(all))
	for _, a := range all {
		out[a] = true
	}
	return slices.DeleteFunc(due, func(p pipeline.Part) bool { return out[argsOf(p)] }), nil
}

// taken is how many jobs River has rescued, of those it knows: it says so in their errors.
func (f *Fleet) taken(ctx context.Context) (n int64, err error) {
	err = f.pool.QueryRow(ctx, f.sql(`SELECT count(*) FROM {schema}.river_job WHERE array_to_string(errors, ' ') ILIKE '%rescue%'`)).Scan(&n)
	return n, err
}

// visiting is for how long a plan looks at parts itself.
const visiting = time.Second

// visit counts parts that nobody takes, so that those of which nothing is missing keep nobody waiting. It reports whether there
// was any.
func (p *planner) visit(ctx context.Context, all []pipeline.Part) (seen bool, err error) {
	for end := time.Now().Add(visiting); len(all) > 0 && (!seen || time.Now().Before(end)); all = all[1:] {
		var looked time.Time
		if err := p.fleet.pool.QueryRow(ctx, `SELECT now()`).Scan(&looked); err != nil {
			return seen, err
		}
		r, err := p.look(ctx, all[0])
		switch {
		case errors.Is(err, pipeline.ErrNotServing), errors.Is(err, context.Canceled):
			return seen, nil
		case errors.Is(err, pipeline.ErrNoPart): // of the stage that this command is not about
			continue
		case err != nil:
			return seen, fmt.Errorf("look at a part that no worker takes: %w", err)
		}
		if err := p.fleet.tell(ctx, all[0], p.epoch, looked, r); err != nil {
			return seen, err
		}
		seen = true
	}
	return seen, nil
}

// next has adaptive pairs go on, now that all that was chosen is judged.
func (p *planner) next(ctx context.Context) (more bool, err error) {
	if p.asked {
		return false, nil
	}
	found, err := p.arena.NextBatch(ctx, p.store)
	if err != nil || found != pipeline.BatchRecorded {
		p.asked = err == nil
		return false, err
	}
	return true, p.fleet.Touch(ctx, "the next battles were chosen")
}

func (p *planner) outline(ctx context.Context) (*outline, error) {
	var now time.Time
	if err := p.fleet.pool.QueryRow(ctx, `SELECT now()`).Scan(&now); err != nil {
		return nil, err
	}
	all, err := p.fleet.states(ctx)
	if err != nil {
		return nil, err
	}
	members, err := p.fleet.Members(ctx)
	if err != nil {
		return nil, err
	}
	o := newOutline(p.epoch, now, all, p.before)
	for _, m := range members {
		if m.Alive {
			o.alive++
		}
		for _, q := range m.Queues {
			o.served[q] = o.served[q] || m.Alive && m.Epoch <= p.epoch
		}
		if m.Epoch == p.epoch {
			for _, g := range m.Info.Stopped {
				o.given[g.Queue] = true
			}
		}
	}
	return o, nil
}

// note keeps what a plan came to, where all who work on the arena see it.
func (f *Fleet) note(ctx context.Context, look Outlook) error {
	text, err := json.Marshal(look)
	if err != nil {
		return err
	}
	_, err = f.pool.Exec(ctx, f.sql(`UPDATE {schema}.oa_epoch SET planned = now(), outlook = $1 WHERE epoch = $2`), string(text), look.Of)
	return err
}

// suspicion is how long a worker that has expired has to be heard of: after an outage of the server all have.
const suspicion = 5 * time.Second

// sweep removes the rows of workers that were not heard of, hands out anew what they held, and returns who they were. That
// is sooner than River's rescue, which goes by how long a job may take.
func (f *Fleet) sweep(ctx context.Context) (dead []string, err error) {
	err = pgx.BeginFunc(ctx, f.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, f.sql(`UPDATE {schema}.oa_worker SET suspected = now() WHERE expires < now() AND suspected IS NULL`)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, f.sql(`DELETE FROM {schema}.oa_worker WHERE suspected < now() - $1 * interval '1 microsecond' RETURNING id`), suspicion.Microseconds())
		if err != nil {
			return err
		}
		if dead, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(dead) == 0 {
			return err
		}
		if _, err := tx.Exec(ctx, f.sql(`UPDATE {schema}.oa_part SET worker = NULL WHERE worker = ANY($1)`), dead); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, f.sql(`WITH held AS (UPDATE {schema}.river_job SET state = 'available', scheduled_at = now(), attempt = greatest(attempt - 1, 0)
			WHERE state = 'running' AND attempted_by[array_upper(attempted_by, 1)] = ANY($1) RETURNING kind)
			UPDATE {schema}.oa_epoch SET rescued = rescued + (SELECT count(*) FROM held WHERE kind = 'part')`), dead)
		return err
	})
	return dead, err
}

// lead has a client plan, and stand for election as the one that says when.
func lead(c *river.Config) {
	c.Queues[planQueue] = river.QueueConfig{MaxWorkers: 1}
	c.PeriodicJobs = []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(planEvery), func() (river.JobArgs, *river.InsertOpts) {
		return planArgs{}, &river.InsertOpts{Queue: planQueue, Priority: priorityPlan, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByQueue: true, ByState: unfinished}}
	}, &river.PeriodicJobOpts{RunOnStart: true})}
}

// planEvery is how often it is looked what there is to do. River's leader has it done.
const planEvery = 2 * time.Second

// planWorker looks what there is to do, for River.
type planWorker struct {
	river.WorkerDefaults[planArgs]
	session *session
}

// Work implements river.Worker.
func (p *planWorker) Work(ctx context.Context, _ *river.Job[planArgs]) error {
	_, err := p.session.plan.plan(ctx)
	if refused := denied(err); refused != nil {
		p.session.stop(refused)
	}
	p.session.renew(ctx)
	return err
}
