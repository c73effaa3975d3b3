package terminal

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openarena/internal/testkit/tty"
)

// On a terminal JSON is still the same JSON, however it is cut into pieces.
func TestDataOnATerminal(t *testing.T) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(hostile); err != nil {
		t.Fatal(err)
	}
	for _, piece := range []int{1, 2, 3, 7, 1 << 20} {
		var got bytes.Buffer
		w := &escaper{w: &got}
		for rest := b.Bytes(); len(rest) > 0; {
			n := min(piece, len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		for _, f := range tty.Foreign(got.Bytes(), 0) {
			t.Errorf("in pieces of %d: %s", piece, f)
		}
		var back, want []string
		if err := json.Unmarshal(got.Bytes(), &back); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if back[i] != want[i] {
				t.Errorf("in pieces of %d: %q is read as %q", piece, want[i], back[i])
			}
		}
	}
}

// A file gets every byte as it is.
func TestDataInAFile(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "data"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text := strings.Join(hostile, "\n")
	if _, err := io.WriteString(Data(f), text); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(f.Name()); err != nil || string(got) != text {
		t.Errorf("the file holds %q, %v; want %q", got, err, text)
	}
}
