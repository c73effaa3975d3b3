package main

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
)

// The roles of deploy/postgres are enough for what they are for, and not for more: a worker works and cannot say what is to be done,
// a reader reads and changes nothing. Who lacks a privilege is told so at once, before any call.
func TestRolesPG(t *testing.T) {
	address, err := url.Parse(pgtest.Start(t).URL(t))
	if err != nil {
		t.Fatal(err)
	}
	schema := address.Query().Get("search_path")
	text, err := os.ReadFile(filepath.Join(deployed, "postgres", "roles.sql"))
	if err != nil {
		t.Fatal(err)
	}
	roles := strings.NewReplacer("SCHEMA arena", "SCHEMA "+schema, "EXISTS arena", "EXISTS "+schema, "'arena'", "'"+schema+"'", "arena.", schema+".").Replace(string(text))
	connect := func(address string) *pgx.Conn {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close(t.Context()) })
		return conn
	}
	as := func(role string) string {
		u := *address
		u.User = url.UserPassword(role, pgtest.Password)
		return u.String()
	}
	admin := connect(address.String())
	do := func(sql string) {
		t.Helper()
		if _, err := admin.Exec(t.Context(), strings.ReplaceAll(sql, "@.", schema+"."), pgx.QueryExecModeSimpleProtocol); err != nil {
			t.Fatal(err)
		}
	}
	f := newFolder(t, fakellm.Options{})
	f.write("arena.yaml", `store: {url: "${OPENARENA_STORE}"}`+"\n"+diskArena)
	f.write("prompts.txt", "one\ntwo\n")
	refused := func(role, names string, args ...string) {
		t.Helper()
		f.env["OPENARENA_STORE"] = as(role)
		code, _, said := f.try(args...)
		if code != exitUsage || !strings.Contains(said, names) || !strings.Contains(said, "roles.sql") && !strings.Contains(said, "AUTHORIZATION") {
			t.Errorf("%s as %s: exit code %d; want %d, %q and what to do\n%s", strings.Join(args, " "), role, code, exitUsage, names, said)
		}
	}

	do(roles)
	for _, role := range []string{"arena_owner", "arena_worker", "arena_reader"} {
		do("ALTER ROLE " + role + " PASSWORD '" + pgtest.Password + "'")
	}
	f.env["OPENARENA_STORE"] = as("arena_owner")
	f.openarena("run", "--limit", "1")
	f.openarena("run")
	f.env["OPENARENA_STORE"] = "" // who works or steers may have the URL from elsewhere
	f.openarena("ctl", "resume", "--db", as("arena_owner"))
	refused("arena_worker", schema, "worker", "--exit-when-idle", "1h")
	do(roles)
	for _, sql := range []string{"REVOKE UPDATE ON @.river_job FROM arena_worker", "REVOKE UPDATE (outlook) ON @.oa_epoch FROM arena_worker"} {
		do(sql)
		name := strings.Fields(sql[strings.Index(sql, "@.")+2:])[0]
		refused("arena_worker", name, "worker", "--exit-when-idle", "1h")
		refused("arena_worker", name, "run", "--limit", "1")
		do(roles)
	}
	refused("arena_worker", "oa_config", "run")

	do("TRUNCATE @.oa_verdicts, @.oa_judgments; UPDATE @.oa_epoch SET epoch = epoch + 1, outlook = '{}'")
	f.env["OPENARENA_STORE"] = ""
	if code, _, said := f.try("worker", "--exit-when-idle", "1h", "--store", as("arena_worker")); code != exitOK || !strings.Contains(said, "4 new judgments") {
		t.Errorf("a worker with the worker's role: exit code %d; want 0, and 4 new judgments\n%s", code, said)
	}
	worker := connect(as("arena_worker"))
	for _, sql := range []string{
		"INSERT INTO @.oa_config (hash, files, options) VALUES ('\\x00', '{}', '{}')", "UPDATE @.oa_config SET files = '{}'", "DELETE FROM @.oa_config",
		"UPDATE @.oa_epoch SET config = 1", "DELETE FROM @.oa_epoch", "INSERT INTO @.oa_order (by, directive) VALUES ('', '{}')", "DROP TABLE @.oa_answers",
	} {
		if _, err := worker.Exec(t.Context(), strings.ReplaceAll(sql, "@.", schema+".")); err == nil {
			t.Errorf("a worker's role may %s", sql)
		}
	}

	f.env["OPENARENA_STORE"] = as("arena_reader")
	for _, command := range []string{"status", "rate", "export", "show"} {
		f.openarena(command)
	}
	refused("arena_reader", schema, "run", "--limit", "1")
}
