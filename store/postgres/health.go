package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"openarena/internal/secret"
)

// Health is what matters of a server for an arena.
type Health struct {
	Version           string
	Fsync             bool
	FullPageWrites    bool
	SynchronousCommit string // on, local, off, …
	Standbys          int    // replicas that are connected
	SynchronousNames  string // which of them a commit waits for; "": none
	Encoding          string
	MaxWAL            int64 // bytes of log between two checkpoints (max_wal_size)
	Connections       int   // of clients
	MaxConnections    int   // for clients that are no superusers
	RoundTrip         time.Duration
	ClockOff          time.Duration // of the server's clock from this machine's; positive: it is ahead
	Encrypted         bool
	Local             bool // a socket of this machine
}

// trips is how often the way to the server is measured; the quickest counts.
const trips = 5

// Examine connects to a server and looks at it, whether the arena's schema is there or not. Errors are those of Open.
func Examine(ctx context.Context, address secret.String) (h Health, err error) {
	t, err := parse(address, "openarena doctor")
	if err != nil {
		return h, err
	}
	t.pool.MaxConns, t.pool.MinConns = 1, 0
	pool, err := pgxpool.NewWithConfig(ctx, t.pool)
	if err != nil {
		return h, err
	}
	defer pool.Close()
	conn, err := pool.Acquire(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return h, ctx.Err()
		}
		return h, refusal(place(t.pool), t.pool.ConnConfig.User, err)
	}
	defer conn.Release()
	// What every server says of itself as it lets us in; an old one does not know all that is asked for below.
	name := conn.Conn().PgConn().ParameterStatus("server_version")
	if major, err := strconv.Atoi(strings.FieldsFunc(name+" 0", func(r rune) bool { return r < '0' || r > '9' })[0]); err == nil && major < minVersion/10000 {
		return h, tooOld(place(t.pool), name)
	}
	h.Local = len(t.pool.ConnConfig.Host) > 0 && t.pool.ConnConfig.Host[0] == '/'
	var fsync, pages string
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'),
		current_setting('synchronous_standby_names'), current_setting('server_encoding'),
		current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
		(SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend')::int, (SELECT count(*) FROM pg_stat_replication)::int,
		coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false), pg_size_bytes(current_setting('max_wal_size'))`).
		Scan(&h.Version, &fsync, &pages, &h.SynchronousCommit, &h.SynchronousNames, &h.Encoding, &h.MaxConnections, &h.Connections, &h.Standbys, &h.Encrypted, &h.MaxWAL)
	if err != nil {
		return h, fmt.Errorf("%s: ask for its settings: %w", place(t.pool), err)
	}
	h.Fsync, h.FullPageWrites = fsync == "on", pages == "on"
	for range trips {
		var now time.Time
		began := time.Now()
		if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
			return h, fmt.Errorf("%s: ask for the time: %w", place(t.pool), err)
		}
		if took := time.Since(began); h.RoundTrip == 0 || took < h.RoundTrip {
			h.RoundTrip, h.ClockOff = took, now.Sub(began.Add(took/2))
		}
	}
	return h, nil
}
