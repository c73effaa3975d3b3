package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"openarena/store"
)

func TestCompact(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records := write(t, db, 1000)
	var b store.Batch
	for key := range records {
		if key > "key 000400" {
			b.Delete(store.Answers, []byte(key))
			delete(records, key)
		}
	}
	b.Add([]byte("calls"), 12)
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := store.StatsOf(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Compact(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	after, err := store.StatsOf(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if after.Pages*2 > before.Pages || after.Buckets[store.Answers] != before.Buckets[store.Answers] {
		t.Errorf("compacted from %+v to %+v; want less than half the pages and the same records", before, after)
	}
	expectRecords(t, path, records)
	expectFiles(t, filepath.Dir(path), "arena.db")
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	db = open(t, path)
	if rec, err := db.Get(t.Context(), store.Totals, []byte("calls"), store.WithMeta); err != nil || store.Counter(rec) != 12 {
		t.Errorf("counter = %d, %v; want 12", store.Counter(rec), err)
	}
	write(t, db, 500)
}

func TestStats(t *testing.T) {
	path, records := closed(t, 50)
	s, err := store.StatsOf(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	want := store.Usage{Records: 50}
	for key, body := range records {
		want.Bytes += int64(len(key) + len("meta of ") + len(key) + len(body))
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Buckets[store.Answers] != want || len(s.Buckets) != 1 || s.Size != info.Size() || s.Path != path {
		t.Errorf("StatsOf() = %+v; want %+v in answers and %d bytes in all", s, want, info.Size())
	}
}

// Repair drops what is bad and says so, keeps what is well, and keeps the old file.
func TestRepair(t *testing.T) {
	path, records := closed(t, 200)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := bytes.Clone(whole)
	broken[bytes.Index(whole, []byte("meta of key 000042"))] ^= 1
	broken[bytes.Index(whole, bytes.Repeat([]byte("key 000117"), 10))] ^= 1
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := store.Compact(t.Context(), path); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Compact of a damaged database = %v; want ErrDamaged", err)
	}
	report, err := store.Repair(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	var bad []string
	for _, b := range report.Bad {
		bad = append(bad, b.Bucket.String()+" "+string(b.Key))
		delete(records, string(b.Key))
	}
	if len(bad) != 2 || bad[0] != "answers key 000042" || bad[1] != "answers key 000117" || report.BadCount != 2 || len(report.Damage) != 0 {
		t.Errorf("Repair() reports %q and %+v", bad, report.Damage)
	}
	if saved, err := os.ReadFile(report.Saved); err != nil || report.Saved != path+".damaged-1" || !bytes.Equal(saved, broken) {
		t.Errorf("the old file is not at %q as it was: %v", report.Saved, err)
	}
	expectRecords(t, path, records)
	if report, err := store.Check(t.Context(), path); err != nil || !report.OK() || report.Orphans != 0 {
		t.Errorf("Check() after Repair = %+v, %v", report, err)
	}
	if report, err := store.Repair(t.Context(), path); err != nil || report.Saved != path+".damaged-2" {
		t.Errorf("a second Repair keeps the old file as %q, %v", report.Saved, err)
	}
	write(t, open(t, path), 300)
}

// Pages that the last commit wrote are rubbish: the state before it stands in where it can.
func TestRepairPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	records := write(t, db, 300)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	db, err = store.Open(t.Context(), path, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b store.Batch
	b.Put(store.Answers, []byte("key 000299 and one more"), []byte("m"), []byte("text"))
	if _, err := db.Apply(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// The leaf with the new key is a page that the last commit wrote; its predecessor is still there.
	page := bytes.Index(after, []byte("key 000299 and one more")) / 4096 * 4096
	if page < 2*4096 || (page < len(before) && bytes.Equal(before[page:page+4096], after[page:page+4096])) {
		t.Fatalf("page %d was not written by the last commit", page/4096)
	}
	clear(after[page : page+4096])
	if err := os.WriteFile(path, after, 0o600); err != nil {
		t.Fatal(err)
	}
	report, err := store.Repair(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Damage) == 0 || report.Damage[0].Page != uint64(page/4096) || report.Damage[0].Bucket != store.Answers || report.Restored == 0 {
		t.Errorf("Repair() = %+v; want page %d of answers lost and its records restored", report, page/4096)
	}
	expectRecords(t, path, records)
}

// A file that is cut short gives back what is left of it.
func TestRepairTruncated(t *testing.T) {
	path, records := closed(t, 400)
	if err := os.Truncate(path, int64(usedBytes(t, path)/2)); err != nil {
		t.Fatal(err)
	}
	report, err := store.Repair(t.Context(), path)
	if err != nil && !errors.Is(err, store.ErrDamaged) {
		t.Fatal(err)
	}
	if err != nil {
		return // the pages that lead to the records were in the missing half
	}
	r := reader(t, path, false)
	for rec, err := range r.Scan(t.Context(), store.Answers, store.Range{}, store.WithBody) {
		if err != nil || !bytes.Equal(rec.Body, records[string(rec.Key)]) {
			t.Errorf("Repair() = %+v and left a wrong record under %q, %v", report, rec.Key, err)
		}
	}
}
