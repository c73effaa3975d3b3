//go:build unix

package main

import (
	"strings"
	"testing"

	"openarena/internal/testkit/fakellm"
	"openarena/internal/testkit/pgtest"
)

// says demands that a command ends with a code and a sentence.
func (m *many) says(code int, sentence string, command ...string) {
	m.t.Helper()
	text := m.start(command...).exits(code)
	if !strings.Contains(text, sentence) {
		m.t.Errorf("openarena %v says %q; want %q", command, text, sentence)
	}
	discreet(m.t, text)
}

// TestPGServerTooOld: every kind of command refuses it in one sentence.
func TestPGServerTooOld(t *testing.T) {
	for version, number := range map[string]string{"14.9": "140009", "9.6.24": "90624"} {
		m := newManyAt(t, pgtest.Pretend(t, version, number, version, "on", "on", "on", "off"), fakellm.Options{})
		for _, command := range []string{"run", "status", "doctor --no-calls", "worker"} {
			args := strings.Fields(command)
			if args[0] != "worker" { // which has it from its environment
				args = append(args, "--db", m.url)
			}
			m.says(exitUsage, "the server is PostgreSQL "+version+", and 15 is the oldest that works", args...)
		}
	}
}

// TestPGServerUnfit: a server without fsync is refused until that is allowed, and told of then; one that only reads is for what reads;
// tables of a newer program are left alone.
func TestPGServerUnfit(t *testing.T) {
	t.Parallel()
	server := pgtest.StartOwn(t, pgtest.Options{TCP: true, Settings: []string{"fsync=off"}})
	m := newManyAt(t, server.URL(t), fakellm.Options{})
	for _, command := range [][]string{{"run", "--db", m.url}, {"status", "--db", m.url}, {"worker"}} {
		m.says(exitUsage, "the server runs with fsync = off: a power cut can take", command...)
	}
	m.says(exitUsage, "fsync = off: a power cut can take", "doctor", "--no-calls", "--db", m.url)
	allowed := m.url + "&openarena_fsync_off=allow"
	m.says(0, "warning: database postgres at 127.0.0.1 runs with fsync = off, as the store's URL allows", "run", "--db", allowed)
	server.Standby(t)
	m.says(exitUsage, "the server is a standby, which only reads", "run", "--db", allowed)
	m.says(exitUsage, "the server is a standby, which only reads", "OPENARENA_STORE="+allowed, "worker")
	m.says(0, "Alpha", "status", "--db", allowed)

	m = newMany(t, fakellm.Options{})
	m.run().exits(0)
	m.sql("UPDATE @.oa_schema SET schema_version = 99")
	for _, command := range [][]string{{"run", "--db", m.url}, {"status", "--db", m.url}, {"export", "--db", m.url}, {"doctor", "--no-calls", "--db", m.url}, {"worker"}} {
		m.says(exitNewer, "install a newer openarena", command...)
	}
}
