package terminal

import (
	"io"
	"os"
	"strings"
	"testing"

	"openarena/internal/testkit/tty"
)

// openPTY returns both ends of a new pseudo-terminal, or skips the test where the system has none to give.
func openPTY(t *testing.T, width, height uint16) (master, slave *os.File) {
	t.Helper()
	master, slave, err := tty.Open(width, height)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { master.Close(); slave.Close() })
	return master, slave
}

func TestProgressOnARealTerminal(t *testing.T) {
	t.Setenv("CI", "")
	t.Setenv("TERM", "xterm-256color")
	t.Setenv("NO_COLOR", "")
	master, slave := openPTY(t, 100, 30)
	if !IsTerminal(slave) || Columns(slave) != 100 || !Color(slave, false) || Color(slave, true) {
		t.Fatalf("a terminal of 100 columns is seen as: terminal %v, columns %d, colour %v, colour with --no-color %v",
			IsTerminal(slave), Columns(slave), Color(slave, false), Color(slave, true))
	}
	output := make(chan string)
	go func() {
		// Reading ends with an error: the last end of the terminal was closed.
		all, _ := io.ReadAll(master)
		output <- string(all)
	}()

	s := busy()
	for i, text := range hostile {
		s.Ranking = append(s.Ranking, Rank{Place: i, Model: text})
		s.Endpoints = append(s.Endpoints, Endpoint{Name: text, Note: text})
		s.Stages = append(s.Stages, Stage{Name: text, Done: 1})
	}
	p := NewProgress(slave, Options{Color: Color(slave, false)})
	p.Start(t.Context(), func() Snapshot { return s })
	p.Stop()
	if err := slave.Close(); err != nil {
		t.Fatal(err)
	}

	raw := <-output
	if !strings.Contains(raw, hideCursor) || !strings.HasSuffix(raw, showCursor) {
		t.Errorf("output ends %q; want the cursor hidden once, and shown at the end", raw[len(raw)-20:])
	}
	v := newVT(t, 100, 30) // fails the test on control bytes and sequences that are not our own
	if _, err := io.WriteString(v, raw); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(v.text(), `\x1b[2J\x1b[H`) || !strings.Contains(v.text(), "judge") {
		t.Errorf("the screen lacks the log or the bars:\n%s", v.text())
	}
}

func TestProgressElsewhereIsPlain(t *testing.T) {
	tests := []struct{ name, variable, value string }{
		{"in CI nobody watches", "CI", "true"},
		{"a dumb terminal cannot move its cursor", "TERM", "dumb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("CI", "")
			t.Setenv("TERM", "xterm")
			t.Setenv(tt.variable, tt.value)
			_, slave := openPTY(t, 80, 24)
			if _, plain := NewProgress(slave, Options{}).display.(*lines); !plain {
				t.Errorf("there are bars with %s=%s", tt.variable, tt.value)
			}
		})
	}
	t.Run("a pipe is no terminal", func(t *testing.T) {
		t.Setenv("CI", "")
		t.Setenv("TERM", "xterm")
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		if _, plain := NewProgress(w, Options{}).display.(*lines); !plain || Color(w, false) || Columns(w) != 0 {
			t.Errorf("a pipe has bars, colour (%v) or a width (%d)", Color(w, false), Columns(w))
		}
	})
}
