package store_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"openarena/store"
)

// A file cut at any length is refused by whatever opens it, in words.
func TestTruncated(t *testing.T) {
	path, _ := closed(t, 200)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := usedBytes(t, path)
	dir := t.TempDir()
	for i := range 100 {
		size := used * i / 100
		cut := filepath.Join(dir, "cut.db")
		if err := os.WriteFile(cut, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		for name, open := range openers {
			err := open(t.Context(), cut)
			var damaged *store.DamagedError
			if !errors.As(err, &damaged) || damaged.Advice == "" {
				t.Errorf("%s of the first %d of %d bytes = %v; want a DamagedError with advice", name, size, used, err)
			}
		}
		if now, err := os.ReadFile(cut); err != nil || !bytes.Equal(now, whole[:size]) {
			t.Errorf("a file of %d bytes was refused and changed", size)
		}
	}
	t.Attr("figure", "100 lengths, each refused in words")
}

// openers are all ways to open a database; each closes it again.
var openers = map[string]func(ctx context.Context, path string) error{
	"Open": func(ctx context.Context, path string) error {
		db, err := store.Open(ctx, path, store.Options{})
		if err != nil {
			return err
		}
		return db.Close()
	},
	"OpenReader": func(ctx context.Context, path string) error {
		r, err := store.OpenReader(ctx, path)
		if err != nil {
			return err
		}
		return r.Close()
	},
	"Check": func(ctx context.Context, path string) error {
		_, err := store.Check(ctx, path)
		return err
	},
	"StatsOf": func(ctx context.Context, path string) error {
		_, err := store.StatsOf(ctx, path)
		return err
	},
	"Compact": store.Compact,
}

func usedBytes(t *testing.T, path string) int {
	t.Helper()
	s, err := store.StatsOf(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return int(s.Pages * s.PageSize)
}

// One flipped bit in any stored value is found, by Check and by whoever reads the record.
func TestFlippedBits(t *testing.T) {
	path, records := closed(t, 120)
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	values := valuesOf(t, path, data)
	rng := rand.New(rand.NewPCG(5, 6))
	for range 1000 {
		v := values[rng.IntN(len(values))]
		at, bit := v.off+rng.IntN(v.len), byte(1)<<rng.IntN(8)
		if _, err := f.WriteAt([]byte{data[at] ^ bit}, int64(at)); err != nil {
			t.Fatal(err)
		}
		report, err := store.Check(t.Context(), path)
		if err != nil || report.BadCount != 1 || len(report.Damage) != 0 {
			t.Fatalf("bit %#x of byte %d flipped: Check() = %+v, %v; want one bad record", bit, at, report, err)
		}
		if _, err := f.WriteAt(data[at:at+1], int64(at)); err != nil {
			t.Fatal(err)
		}
	}
	expectRecords(t, path, records)
	t.Attr("figure", "1000 of 1000 flipped bits found")
}

// value is the place of a value in a database file.
type value struct{ off, len int }

// valuesOf finds all values of records and texts by what bbolt reads. No two of the test's values are equal.
func valuesOf(t *testing.T, path string, data []byte) []value {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var all []value
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				if name[0] != 0xff {
					all = append(all, value{bytes.Index(data, v), len(v)})
				}
				return nil
			})
		})
	})
	if err != nil || len(all) != 240 {
		t.Fatalf("found %d values, %v; want 240", len(all), err)
	}
	return all
}

// Random damage anywhere: whatever is read is right or an error, and the process lives.
func TestRandomDamage(t *testing.T) {
	path, records := closed(t, 150)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	used := usedBytes(t, path)
	rng := rand.New(rand.NewPCG(7, 8))
	for i := range 100 {
		data := bytes.Clone(whole)
		for range 1 + rng.IntN(20) {
			data[rng.IntN(used)] ^= byte(1 + rng.IntN(255))
		}
		if i%3 == 0 { // a page of rubbish
			page := rng.IntN(used/4096) * 4096
			for k := range 4096 {
				data[page+k] = byte(rng.Uint32())
			}
		}
		// A new file each time: a database that failed to open may keep its map.
		broken := filepath.Join(t.TempDir(), "broken.db")
		if err := os.WriteFile(broken, data, 0o600); err != nil {
			t.Fatal(err)
		}
		readBroken(t, broken, records)
		writeBroken(t, broken)
	}
}

func readBroken(t *testing.T, path string, records map[string][]byte) {
	t.Helper()
	if _, err := store.Check(t.Context(), path); err != nil && !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNewer) {
		t.Errorf("Check() = %v; want ErrDamaged", err)
	}
	r, err := store.OpenReader(t.Context(), path)
	if err != nil {
		if !errors.Is(err, store.ErrDamaged) && !errors.Is(err, store.ErrNewer) {
			t.Errorf("OpenReader() = %v; want ErrDamaged", err)
		}
		return
	}
	defer r.Close()
	for rec, err := range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			if !errors.Is(err, store.ErrDamaged) {
				t.Errorf("Scan yields %v; want ErrDamaged", err)
			}
			continue
		}
		if want, ok := records[string(rec.Key)]; !ok || !bytes.Equal(rec.Body, want) {
			t.Errorf("Scan yields a wrong record under %q", rec.Key)
		}
	}
}

func writeBroken(t *testing.T, path string) {
	t.Helper()
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		return
	}
	var b store.Batch
	for i := range 50 {
		b.Put(store.Answers, crashKey(i), []byte("m"), crashBody(i))
	}
	if _, err := db.Apply(t.Context(), &b); err != nil && !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Apply() = %v; want ErrDamaged", err)
	}
	if err := db.Close(); err != nil && !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Close() = %v", err)
	}
}

func expectRecords(t *testing.T, path string, want map[string][]byte) {
	t.Helper()
	r, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n := 0
	for rec, err := range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			t.Fatal(err)
		}
		if body, ok := want[string(rec.Key)]; !ok || !bytes.Equal(rec.Body, body) {
			t.Errorf("wrong record under %q", rec.Key)
		}
		n++
	}
	if n != len(want) {
		t.Errorf("%d records; want %d", n, len(want))
	}
}

// A bad record is named, and the scan goes on behind it.
func TestBadRecord(t *testing.T) {
	path, records := closed(t, 120)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(data, []byte("meta of key 000042"))
	data[at] ^= 1
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	live, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close()
	for name, r := range map[string]store.Reader{"the database": db, "a reader beside it": live} {
		var bad *store.RecordError
		if _, err := r.Get(t.Context(), store.Answers, []byte("key 000042"), store.WithMeta); !errors.As(err, &bad) ||
			bad.Bucket != store.Answers || string(bad.Key) != "key 000042" {
			t.Errorf("%s: Get of a bad record = %v; want a RecordError that names it", name, err)
		}
		good, failed := 0, 0
		for _, err := range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithMeta) {
			switch {
			case err == nil:
				good++
			case errors.As(err, &bad) && string(bad.Key) == "key 000042":
				failed++
			default:
				t.Errorf("%s: Scan yields %v", name, err)
			}
		}
		if good != len(records)-1 || failed != 1 {
			t.Errorf("%s: Scan yields %d records and %d errors; want %d and 1", name, good, failed, len(records)-1)
		}
	}
}

// The newer meta page is torn, as by a power cut while it was written: the state before it is whole.
func TestTornMeta(t *testing.T) {
	path, records := closed(t, 100)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	newer := 0
	if binary.NativeEndian.Uint64(data[4096+64:]) > binary.NativeEndian.Uint64(data[64:]) {
		newer = 4096
	}
	data[newer+64] ^= 0xff
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	// The records came in the last commit, so they are gone; that the file opens and holds together is the point.
	expectRecords(t, path, nil)
	if write(t, open(t, path), len(records)); t.Failed() {
		t.Error("a database with one meta page does not take records")
	}
}
