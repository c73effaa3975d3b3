package fleet

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"

	"openarena/pipeline"
)

// Member is one process at work on an arena, as its row has it. Times are the server's.
type Member struct {
	ID        string            `json:"id"`
	Host      string            `json:"host"`
	PID       int               `json:"pid"`
	Command   string            `json:"command"` // "openarena worker", "openarena run"
	Labels    map[string]string `json:"labels,omitempty"`
	Queues    []string          `json:"queues"` // that it takes parts from
	Started   time.Time         `json:"started"`
	Heartbeat time.Time         `json:"heartbeat"`
	Age       time.Duration     `json:"age_ns"` // of the heartbeat, by the server's clock
	Alive     bool              `json:"alive"`  // its row has not expired
	Epoch     int64             `json:"epoch"`
	Info      Info              `json:"info"`

	Underway []pipeline.Underway `json:"-"` // parts that it holds, where there is news of them
}

// Info is what a member tells of itself with each heartbeat.
type Info struct {
	InFlight  int      `json:"in_flight"`
	Queued    int      `json:"queued"`
	Parts     int      `json:"parts"`      // that it holds
	PerSecond float64  `json:"per_second"` // answers and judgments
	Answers   int64    `json:"answers"`    // since it began, as are the others
	Judgments int64    `json:"judgments"`
	Failed    int64    `json:"failed"`
	Input     int64    `json:"input"` // tokens
	Output    int64    `json:"output"`
	CostUSD   *float64 `json:"cost_usd"` // nil: unknown
	Held      bool     `json:"held"`     // all of it was told to pause
	Draining  bool     `json:"draining"`
	Stopped   []Gone   `json:"stopped,omitempty"`
	Notes     []string `json:"notes,omitempty"` // why endpoints wait, a sentence each
}

// Gone is a model that a member has given up.
type Gone struct {
	Queue   string `json:"queue"`
	Model   string `json:"model"`
	Refused bool   `json:"refused"` // by its server, for good
	Why     string `json:"why"`
}

// News is what a heartbeat brings back.
type News struct {
	Fresh bool          // the row was made anew: this is the first beat, or others have taken this member for dead
	Now   time.Time     // of the server
	Epoch int64         // 0: nothing is published
	Order int64         // the newest; 0: none
	Plan  time.Duration // since the last plan was made; negative: none was
	Outlook
}

// Outlook is what a plan came to, of its epoch.
type Outlook struct {
	Of       int64    `json:"epoch"`
	Answers  bool     `json:"answers"`  // none is to be asked for any more
	Verdicts bool     `json:"verdicts"` // nor any judgment, of the answers that are there
	Whole    bool     `json:"whole"`    // both, whatever was to come of each other
	Parts    int      `json:"parts"`    // that are open
	Workers  int64    `json:"workers"`  // that were alive; 0: not counted
	Rescued  int64    `json:"rescued"`  // parts that River took from workers, of the jobs it still knew
	Given    []string `json:"given_up"` // queues that somebody has given up and nobody takes from
	Unserved []string `json:"unserved"` // queues that nobody has taken from yet
}

// Beat keeps a member's row alive for so long, in one statement, and brings what is new.
func (f *Fleet) Beat(ctx context.Context, m Member, alive time.Duration) (n News, err error) {
	labels, err := json.Marshal(m.Labels)
	if err != nil {
		return n, err
	}
	var plan *int64
	var outlook []byte
	info, err := json.Marshal(m.Info)
	if err != nil {
		return n, err
	}
	queues := m.Queues
	if queues == nil {
		queues = []string{}
	}
	under := newColumns(m.Underway)
	err = f.pool.QueryRow(ctx, f.sql(`WITH beat AS (
		INSERT INTO {schema}.oa_worker AS w (id, host, pid, command, labels, queues, expires, epoch, info)
			VALUES ($1, $2, $3, $4, $5, $6, now() + $7 * interval '1 microsecond', $8, $9)
		ON CONFLICT (id) DO UPDATE SET queues = $6, heartbeat = now(), expires = excluded.expires, suspected = NULL, epoch = $8, info = $9
		RETURNING w.xmax = 0 AS fresh), told AS (
		UPDATE {schema}.oa_part p SET wanted_now = t.wanted, done_now = t.done, failed_now = t.failed
			FROM unnest($10::bool[], $11::bytea[], $12::bytea[], $13::bytea[], $14::int8[], $15::int8[], $16::int8[]) AS t (judge, who, lo, hi, wanted, done, failed)
			WHERE p.judge = t.judge AND p.who = t.who AND p.lo = t.lo AND p.hi = t.hi AND p.worker = $1)
		SELECT fresh, now(), coalesce(epoch, 0), coalesce((SELECT max(id) FROM {schema}.oa_order), 0),
			(extract(epoch FROM now() - planned) * 1e9)::bigint, coalesce(outlook, '{}') FROM beat LEFT JOIN {schema}.oa_epoch ON true`),
		m.ID, m.Host, m.PID, m.Command, string(labels), queues, alive.Microseconds(), m.Epoch, string(info),
		under.judge, under.who, under.lo, under.hi, under.wanted, under.done, under.failed).Scan(&n.Fresh, &n.Now, &n.Epoch, &n.Order, &plan, &outlook)
	if err == nil {
		err = json.Unmarshal(outlook, &n.Outlook)
	}
	if n.Plan = -1; plan != nil {
		n.Plan = time.Duration(*plan)
	}
	return n, err
}

// columns are parts that are worked on, and their counts, as a statement takes them.
type columns struct {
	judge                []bool
	who, lo, hi          [][]byte
	wanted, done, failed []int64
}

func newColumns(all []pipeline.Underway) (c columns) {
	for _, u := range all {
		c.judge, c.who = append(c.judge, u.Judge), append(c.who, u.Who[:])
		c.lo, c.hi = append(c.lo, u.From[:]), append(c.hi, u.To[:])
		c.wanted, c.done, c.failed = append(c.wanted, u.Wanted), append(c.done, u.Done), append(c.failed, u.Failed)
	}
	return c
}

// Leave removes a member's row: it holds nothing any more.
func (f *Fleet) Leave(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, leaveWait)
	defer cancel()
	_, err := f.pool.Exec(ctx, f.sql(`DELETE FROM {schema}.oa_worker WHERE id = $1`), id)
	return err
}

// Members are all that have a row, the dead included until somebody has cleared up behind them; the eldest first.
func (f *Fleet) Members(ctx context.Context) ([]Member, error) {
	rows, err := f.pool.Query(ctx, f.sql(membersSQL))
	if err != nil {
		return nil, err
	}
	return scanMembers(rows)
}

const membersSQL = `SELECT id, host, pid, command, labels, queues, started, heartbeat,
	(extract(epoch FROM now() - heartbeat) * 1e9)::bigint, expires > now(), epoch, info FROM {schema}.oa_worker ORDER BY started, id`

func scanMembers(rows pgx.Rows) ([]Member, error) {
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (m Member, err error) {
		var labels, info []byte
		if err = row.Scan(&m.ID, &m.Host, &m.PID, &m.Command, &labels, &m.Queues, &m.Started, &m.Heartbeat, (*int64)(&m.Age), &m.Alive, &m.Epoch, &info); err != nil {
			return m, err
		}
		if err = json.Unmarshal(labels, &m.Labels); err == nil {
			err = json.Unmarshal(info, &m.Info)
		}
		return m, err
	})
}
