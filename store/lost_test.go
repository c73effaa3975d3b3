package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"openarena/store"
)

// A disk says that it has written a page and has not, and so the page is as it was before. Whichever it is of all that a
// commit writes, Check finds that something is wrong, or no text is lost. (A record without a text leaves no trace when its
// page is lost. Such are verdicts, which the next run makes anew of their texts.)
func TestWriteNotDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	written, pages, found := 0, 0, 0
	for round := range 10 {
		before, err := os.ReadFile(path)
		if err != nil && round > 0 {
			t.Fatal(err)
		}
		records := 1 + round*9%31
		writeCounted(t, path, written, records)
		written += records
		after, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := 2 * 4096; at < len(after); at += 4096 { // without a meta page the commit is not there at all
			page := make([]byte, 4096)
			if at < len(before) {
				copy(page, before[at:])
			}
			if bytes.Equal(page, after[at:at+4096]) {
				continue
			}
			pages++
			image := bytes.Clone(after)
			copy(image[at:], page)
			if findsLoss(t, image, int64(written)) {
				found++
			}
		}
	}
	if pages < 100 {
		t.Errorf("only %d pages were written", pages)
	}
	t.Attr("figure", fmt.Sprintf("%d pages not written: %d found, the others hold no text", pages, found))
}

// writeCounted writes n records with verdicts in one commit, numbered from first.
func writeCounted(t *testing.T, path string, first, n int) {
	t.Helper()
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	for i := range n {
		b.PutOnce(store.Answers, crashKey(first+i), []byte("meta"), crashBody(first+i))
		b.Put(store.Verdicts, crashKey(first+i), []byte("verdict"), nil)
	}
	b.Add([]byte("records"), int64(n))
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// findsLoss reports whether Check sees that an image is not what was written; if it does not, all texts must be there.
func findsLoss(t *testing.T, image []byte, records int64) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "lost.db")
	if err := os.WriteFile(path, image, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := store.Check(t.Context(), path)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		t.Fatal(err)
	}
	// A text of no record is the trace of a record that is not there.
	if err != nil || !report.OK() || report.Orphans > 0 {
		return true
	}
	if report.Buckets[store.Answers].Records != records {
		t.Errorf("records are lost and Check says nothing: %+v; want %d", report, records)
	}
	return false
}
