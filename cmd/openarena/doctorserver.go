package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"openarena/internal/terminal"
	"openarena/pipeline/doctor"
	"openarena/store"
	"openarena/store/postgres"
)

const (
	slowTrip      = 20 * time.Millisecond // from when on the way to the server is worth a word
	serverSkewed  = 2 * time.Second       // workers' rows expire by the server's clock, what they tell is by their own
	connsOfWorker = 6                     // that a worker takes at most, those for snapshots aside
	littleLog     = 4 << 30               // bytes of max_wal_size below which a large arena is slowed down
)

// serverFindings look at a PostgreSQL server and at the arena's schema in it.
func serverFindings(ctx context.Context, at store.Database) []doctor.Finding {
	s := at.(*server)
	h, err := postgres.Examine(ctx, s.url)
	if err != nil {
		return []doctor.Finding{serverTrouble(err)}
	}
	all := []doctor.Finding{serverVersion(h), schema(ctx, s)}
	all = append(all, durability(h)...)
	all = append(all, checkpoints(h), room(h), way(h))
	if off := h.ClockOff.Abs(); off >= serverSkewed {
		side := "ahead of"
		if h.ClockOff < 0 {
			side = "behind"
		}
		all = append(all, doctor.Finding{Check: "clock", State: doctor.Warning, Says: fmt.Sprintf("the server's is %v %s this machine's", off.Round(100*time.Millisecond), side),
			Todo: "set both by the network's time (NTP): times of different machines are compared by people"})
	}
	return all
}

// serverTrouble is a server that cannot be used, by what that means for a run.
func serverTrouble(err error) doctor.Finding {
	f := doctor.Finding{Check: "server", State: doctor.Failed, Says: err.Error()}
	var unusable *postgres.ConfigError
	switch {
	case errors.Is(err, store.ErrNewer):
		f.Reason = reasonNewer
	case errors.Is(err, store.ErrDamaged):
		f.Reason = reasonDamaged
	case errors.As(err, &unusable):
		f.Reason = reasonFile
	}
	return f
}

func serverVersion(h postgres.Health) doctor.Finding {
	f := doctor.Finding{Check: "server", State: doctor.OK, Says: "PostgreSQL " + h.Version}
	if h.Encoding != "UTF8" {
		f.State, f.Says, f.Todo = doctor.Warning, f.Says+", encoding "+h.Encoding, "make the database with ENCODING 'UTF8': names of workers and models may hold anything"
	}
	return f
}

// schema opens the arena's schema and looks no further: `db check` reads all of it.
func schema(ctx context.Context, s *server) doctor.Finding {
	r, err := s.open(ctx)
	if errors.Is(err, store.ErrNoDatabase) {
		return doctor.Finding{Check: "database", State: doctor.OK, Says: s.String() + " holds no arena yet: the first run makes it"}
	}
	if err != nil {
		f := serverTrouble(err)
		f.Check = "database"
		return f
	}
	defer r.Close()
	f := doctor.Finding{Check: "database", State: doctor.OK, Says: s.String() + " can be read"}
	alive := 0
	for _, m := range r.members {
		if m.Alive {
			alive++
		}
	}
	if alive > 0 {
		f.Says += ", " + count(alive, "worker") + " at it"
	}
	return f
}

// durability is whether what is committed stays.
func durability(h postgres.Health) (all []doctor.Finding) {
	add := func(s doctor.State, says, todo string) {
		all = append(all, doctor.Finding{Check: "durability", State: s, Says: says, Todo: todo})
	}
	if !h.Fsync {
		add(doctor.Failed, "fsync = off: a power cut can take answers that were paid for, or all of it", "set fsync = on")
		all[0].Reason = reasonFile
	}
	if !h.FullPageWrites {
		add(doctor.Warning, "full_page_writes = off: after a power cut pages may be torn", "set it on unless the file system rules that out")
	}
	switch {
	case h.Standbys == 0 && h.SynchronousNames == "":
	case h.SynchronousNames == "":
		add(doctor.Warning, count(h.Standbys, "replica")+", and no commit waits for any: after a failover the last seconds may be missing, and are asked for again",
			"set synchronous_standby_names if that matters")
	case h.SynchronousCommit == "off" || h.SynchronousCommit == "local":
		add(doctor.Warning, "synchronous_commit = "+h.SynchronousCommit+" with replicas: after a failover the last seconds may be missing, and are asked for again",
			"set synchronous_commit = on")
	}
	if len(all) == 0 {
		add(doctor.OK, "fsync is on, and what is committed stays", "")
	}
	return all
}

// checkpoints is how much log the server writes between two of them. Little is no harm to a small arena, so it is told and not warned of.
func checkpoints(h postgres.Health) doctor.Finding {
	f := doctor.Finding{Check: "checkpoints", State: doctor.OK, Says: "max_wal_size = " + terminal.Bytes(h.MaxWAL)}
	if h.MaxWAL < littleLog {
		f.Says += ": for millions of answers 8 GB, and checkpoint_timeout = 15min, spare the disk writing most pages twice"
	}
	return f
}

// room is how many connections there are for workers.
func room(h postgres.Health) doctor.Finding {
	free := h.MaxConnections - h.Connections
	f := doctor.Finding{Check: "connections", State: doctor.OK, Says: fmt.Sprintf("%d of %d free, enough for about %s", free, h.MaxConnections, count(max(0, free/connsOfWorker), "worker"))}
	if free < 2*connsOfWorker {
		f.State, f.Todo = doctor.Warning, "raise max_connections, or put PgBouncer in between; pool_max_conns=2 in the URL makes a worker take fewer"
	}
	return f
}

// way is the connection itself.
func way(h postgres.Health) doctor.Finding {
	f := doctor.Finding{Check: "network", State: doctor.OK, Says: fmt.Sprintf("%v there and back", h.RoundTrip.Round(10*time.Microsecond))}
	switch {
	case h.Local:
		f.Says += ", over a socket of this machine"
	case h.Encrypted:
		f.Says += ", encrypted"
	default:
		f.Says += ", in plain text"
	}
	if h.RoundTrip > slowTrip {
		f.State, f.Todo = doctor.Warning, "commands that read much take long from here; workers store many answers at once and suffer less"
	}
	return f
}
