package main

import (
	"errors"
	"strings"
	"testing"

	"openarena/internal/testkit/tty"
)

// Parquet is nothing that a terminal could show, and is told so before anything is read.
func TestParquetIsNotForTerminals(t *testing.T) {
	master, slave, err := tty.Open(80, 25)
	if errors.Is(err, tty.ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer slave.Close()
	s := newSignals(t.Context())
	defer s.close()
	err = newApp(streams{out: slave, err: slave, in: slave}, s).Run([]string{"openarena", "export", "--format", "parquet"})
	var exit *exitError
	if !errors.As(err, &exit) || exit.code != exitUsage || !strings.Contains(err.Error(), "-o") {
		t.Errorf("export --format parquet on a terminal: %v; want exit code %d and a way out", err, exitUsage)
	}
}
