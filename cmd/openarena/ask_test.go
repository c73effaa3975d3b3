package main

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"openarena/internal/testkit/tty"
)

// Only a clear yes of a person is one; a first Ctrl-C is none.
func TestAsker(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  bool
	}{{"y\n", true}, {"Yes\n", true}, {"\n", false}, {"n\n", false}, {"yo\n", false}, {"", false}} {
		master, slave, err := tty.Open(80, 25)
		if errors.Is(err, tty.ErrNone) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		s := newSignals(t.Context())
		w := &work{environment: &environment{streams{in: slave, err: slave}, s}}
		io.WriteString(master, c.typed)
		if c.typed == "" {
			s.stop()
		}
		if got := w.asker()("beta is not there. Pull it?\x1b[31m"); got != c.want {
			t.Errorf("typed %q, the answer is %v; want %v", c.typed, got, c.want)
		}
		if text := shownUntil(t, master, "Pull it?"); strings.Contains(text, "\x1b[31m") {
			t.Errorf("the terminal shows %q; want the question without what could steer it", text)
		}
		s.close()
		master.Close()
		slave.Close()
	}
}

// shownUntil reads a terminal until it shows want: what was typed is echoed in a piece of its own.
func shownUntil(t *testing.T, terminal io.Reader, want string) (text string) {
	for piece := make([]byte, 1000); !strings.Contains(text, want); {
		n, err := terminal.Read(piece)
		if text += string(piece[:n]); err != nil {
			t.Fatalf("the terminal shows %q, then %v; want %q", text, err, want)
		}
	}
	return text
}

func TestNobodyIsAskedWithoutATerminal(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	w := &work{environment: &environment{streams{in: null}, nil}}
	if w.asker() != nil {
		t.Error("there is somebody to ask behind " + os.DevNull)
	}
}
