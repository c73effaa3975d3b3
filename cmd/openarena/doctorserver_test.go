package main

import (
	"strings"
	"testing"

	"openarena/pipeline/doctor"
	"openarena/store/postgres"
)

// What doctor makes of a server's settings: whether what is committed stays, and whether there is room for workers.
func TestServerHealth(t *testing.T) {
	good := postgres.Health{Version: "17.2", Encoding: "UTF8", Fsync: true, FullPageWrites: true, SynchronousCommit: "on", Connections: 10, MaxConnections: 97, MaxWAL: 8 << 30}
	for _, row := range []struct {
		name   string
		change func(*postgres.Health)
		look   func(postgres.Health) doctor.Finding
		state  doctor.State
		says   string
	}{
		{"as delivered", func(*postgres.Health) {}, durable, doctor.OK, "stays"},
		{"fsync off", func(h *postgres.Health) { h.Fsync = false }, durable, doctor.Failed, "fsync = off"},
		{"torn pages", func(h *postgres.Health) { h.FullPageWrites = false }, durable, doctor.Warning, "full_page_writes = off"},
		{"a replica that nobody waits for", func(h *postgres.Health) { h.Standbys = 1 }, durable, doctor.Warning, "1 replica, and no commit waits"},
		{"a replica that is waited for", func(h *postgres.Health) { h.Standbys, h.SynchronousNames = 1, "*" }, durable, doctor.OK, "stays"},
		{"one that commits go ahead of", func(h *postgres.Health) { h.SynchronousNames, h.SynchronousCommit = "*", "local" }, durable, doctor.Warning, "synchronous_commit = local"},
		{"off without replicas, which a commit of ours turns on", func(h *postgres.Health) { h.SynchronousCommit = "off" }, durable, doctor.OK, "stays"},
		{"connections", func(*postgres.Health) {}, room, doctor.OK, "87 of 97 free, enough for about 14 workers"},
		{"few connections", func(h *postgres.Health) { h.Connections = 90 }, room, doctor.Warning, "7 of 97 free, enough for about 1 worker"},
		{"more than there are", func(h *postgres.Health) { h.Connections = 99 }, room, doctor.Warning, "0 workers"},
		{"much log", func(*postgres.Health) {}, checkpoints, doctor.OK, "max_wal_size"},
		{"little log", func(h *postgres.Health) { h.MaxWAL = 1 << 30 }, checkpoints, doctor.OK, "for millions of answers 8 GB"},
		{"version", func(*postgres.Health) {}, serverVersion, doctor.OK, "PostgreSQL 17.2"},
		{"another encoding", func(h *postgres.Health) { h.Encoding = "SQL_ASCII" }, serverVersion, doctor.Warning, "encoding SQL_ASCII"},
	} {
		h := good
		row.change(&h)
		f := row.look(h)
		if f.State != row.state || !strings.Contains(f.Says, row.says) || (f.State == doctor.OK) != (f.Todo == "") {
			t.Errorf("%s: %+v; want state %v, %q, and what to do unless all is well", row.name, f, row.state, row.says)
		}
	}
}

// durable is the first that is said of what is committed.
func durable(h postgres.Health) doctor.Finding { return durability(h)[0] }
