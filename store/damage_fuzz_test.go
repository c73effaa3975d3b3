package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"openarena/store"
)

// FuzzDamage changes and cuts a database file. Whatever opens it must end, without a panic or a signal: refused in words,
// or with every record that it yields as it was written.
func FuzzDamage(f *testing.F) {
	path, records := closed(f, 40)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	edit := func(at uint32, with ...byte) (e []byte) {
		for i, b := range with {
			e = append(binary.BigEndian.AppendUint32(e, at+uint32(i)), b)
		}
		return e
	}
	f.Add([]byte{}, uint32(0))
	f.Add([]byte{}, uint32(4096))
	f.Add(edit(0, 1), uint32(0))                         // a meta page
	f.Add(edit(16, 0xff, 0xff, 0xff, 0xff), uint32(0))   // bbolt's magic
	f.Add(edit(3*4096+8, 0xff, 0xff), uint32(0))         // flags and count of a page
	f.Add(edit(4*4096+12, 0xff, 0xff, 0xff), uint32(0))  // the length of a page that overflows
	f.Add(edit(5*4096+16, 0, 0, 0, 0, 1, 0), uint32(0))  // an element
	f.Add(edit(2*4096+16, 0x02, 0, 0, 0, 0), uint32(0))  // the free list
	f.Add(edit(uint32(len(whole)-1), 0xff), uint32(100)) // near the end, and cut there
	f.Fuzz(func(t *testing.T, edits []byte, cut uint32) {
		text := bytes.Clone(whole)
		for ; len(edits) >= 5; edits = edits[5:] {
			text[int(binary.BigEndian.Uint32(edits))%len(text)] ^= edits[4]
		}
		text = text[:len(text)-int(cut)%len(text)]
		path := filepath.Join(t.TempDir(), "arena.db")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		for name, open := range openers {
			if name == "Open" || name == "Compact" {
				continue // they sync, and what they examine first is what the others do
			}
			if err := open(t.Context(), path); err != nil && !told(err) {
				t.Errorf("%s = %v; want it told as damage", name, err)
			}
		}
		readAll(t, path, records)
		if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, text) {
			t.Errorf("who only reads changed the file, %v", err)
		}
	})
}

// told reports an error that says what is wrong with a file.
func told(err error) bool { return errors.Is(err, store.ErrDamaged) || errors.Is(err, store.ErrNewer) }

// readAll reads what is left of the answers and compares.
func readAll(t *testing.T, path string, records map[string][]byte) {
	t.Helper()
	r, err := store.OpenReader(t.Context(), path)
	if err != nil {
		return
	}
	defer r.Close()
	n := 0
	for rec, err := range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			if !told(err) {
				t.Errorf("Scan = %v; want it told as damage", err)
			}
			return
		}
		if want, ok := records[string(rec.Key)]; !ok || !bytes.Equal(rec.Body, want) {
			t.Errorf("record %x is read as %.20q; want %.20q", rec.Key, rec.Body, want)
		}
		if n++; n > 10*len(records) {
			t.Fatal("a scan goes round in circles")
		}
	}
}
