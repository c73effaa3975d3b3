package tty

import (
	"errors"
	"os/exec"
	"testing"
)

func TestForeign(t *testing.T) {
	for _, c := range []struct {
		why   string
		text  string
		marks Marks
		want  int
	}{
		{"plain text", "Grüße, 世界 😀\n\ttext", Styles | Moves, 0},
		{"own colours", "\x1b[1mAlpha\x1b[0m \x1b[36mx\x1b[0m", Styles | Moves, 0},
		{"own colours in a file", "\x1b[1mAlpha\x1b[0m", 0, 2},
		{"a colour that is not ours", "\x1b[35mAlpha", Styles | Moves, 1},
		{"two colours in one", "\x1b[1;31mAlpha", Styles | Moves, 1},
		{"a frame", "\x1b[?25l\rbar\x1b[K\nbar\x1b[J\r\x1b[A\rbar\x1b[K\nbar\x1b[J\r\n\x1b[?25h", Styles | Moves, 0},
		{"a CR behind text", "ok\rEVIL", Styles | Moves, 1},
		{"a CR behind a colour", "\x1b[1m\rEVIL", Styles | Moves, 1},
		{"a line of Windows", "a\r\n", Styles | Moves, 1},
		{"right to left", "a\u202eb", Styles | Moves, 1},
		{"C1", "a\u009bb\x9b", Styles | Moves, 2},
		{"zero width", "a\u200bb", Styles | Moves, 1},
		{"joiners", "👨\u200d👩", Styles | Moves, 0},
	} {
		if got := Foreign([]byte(c.text), c.marks); len(got) != c.want {
			t.Errorf("%s: Foreign(%q) = %q; want %d", c.why, c.text, got, c.want)
		}
	}
	for _, p := range Payloads() {
		if len(Foreign([]byte("P "+p+" Q"), 0)) == 0 {
			t.Errorf("Foreign does not find %q", p)
		}
	}
}

func TestRun(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), "sh", "-c", `test -t 0 && test -t 1 && test -t 2 && printf 'a\r\nb\n\033[2J'; exit 7`)
	got, err := Run(cmd, 80, 24)
	if errors.Is(err, ErrNone) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != "a\r\nb\n\x1b[2J" || cmd.ProcessState.ExitCode() != 7 {
		t.Errorf("Run() = %q, exit code %d; want what was printed, byte for byte, and 7", got, cmd.ProcessState.ExitCode())
	}
}
