package store_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"openarena/store"
)

func init() {
	children["write for ever"] = writeForEver
	children["write until the disk is full"] = writeUntilFull
}

// crashKey and crashBody are known to the process that writes and to the one that verifies.
func crashKey(n int) []byte {
	sum := sha256.Sum256([]byte(strconv.Itoa(n)))
	return fmt.Appendf(sum[:8:8], "%06d", n)
}

func crashNumber(key []byte) (int, error) { return strconv.Atoi(string(key[8:])) }

func crashBody(n int) []byte { return bytes.Repeat(crashKey(n), 1+n%600) }

// writeForEver has eight callers write and prints the number of each record once it is acknowledged. It begins behind the
// highest record that is there: callers overtake each other, and so a kill can leave gaps below it.
func writeForEver(ctx context.Context, path string) error {
	db, err := store.Open(ctx, path, store.Options{Command: "openarena test"})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	next := 0
	for rec, err := range db.Scan(ctx, store.Answers, store.Range{}, store.KeyOnly) {
		if err != nil {
			return err
		}
		n, err := crashNumber(rec.Key)
		if err != nil {
			return err
		}
		next = max(next, n+1)
	}
	fmt.Println("open")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				mu.Lock()
				n := next
				next++
				mu.Unlock()
				var b store.Batch
				b.PutOnce(store.Answers, crashKey(n), []byte("meta"), crashBody(n))
				b.Add([]byte("records"), 1)
				if _, err := db.Apply(ctx, &b); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				mu.Lock()
				fmt.Println(n)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

// A process that writes is killed again and again. What it had said was written must be there, whole; a counter must equal
// the records it was written with.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "arena.db")
	rng := rand.New(rand.NewPCG(3, 4))
	acked := map[int]bool{}
	for range 12 {
		cmd := child(t, "write for ever", path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		kill := rng.IntN(150) // after so many lines; what is printed until the kill arrives counts too
		lines := 0
		for s := bufio.NewScanner(out); s.Scan(); lines++ {
			if n, err := strconv.Atoi(s.Text()); err == nil {
				acked[n] = true
			}
			if lines == kill {
				cmd.Process.Kill()
			}
		}
		if err := cmd.Wait(); lines < kill {
			t.Fatalf("the writer ended by itself after %d lines: %v", lines, err)
		}
		verifyAcked(t, path, acked)
	}
	if len(acked) == 0 {
		t.Error("nothing was ever acknowledged")
	}
}

func verifyAcked(t *testing.T, path string, acked map[int]bool) {
	t.Helper()
	report, err := store.Check(t.Context(), path)
	if err != nil || !report.OK() {
		t.Fatalf("Check() after a kill = %+v, %v", report, err)
	}
	r, err := store.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for n := range acked {
		rec, err := r.Get(t.Context(), store.Answers, crashKey(n), store.WithBody)
		if err != nil || !bytes.Equal(rec.Body, crashBody(n)) {
			t.Fatalf("record %d was acknowledged and is lost or changed: %v", n, err)
		}
	}
	total, err := r.Get(t.Context(), store.Totals, []byte("records"), store.WithMeta)
	if errors.Is(err, store.ErrNotFound) && len(acked) == 0 {
		return
	}
	if n := report.Buckets[store.Answers].Records; err != nil || store.Counter(total) != n {
		t.Errorf("the counter says %d, %v; there are %d records", store.Counter(total), err, n)
	}
}

// writeUntilFull writes until its files may not grow, and checks what it is told.
func writeUntilFull(ctx context.Context, path string) error {
	if err := limitFiles(3 << 20); err != nil {
		return err
	}
	db, err := store.Open(ctx, path, store.Options{})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		var b store.Batch
		b.PutOnce(store.Answers, crashKey(n), []byte("meta"), crashBody(n))
		b.Add([]byte("records"), 1)
		if _, err = db.Apply(ctx, &b); err != nil {
			break
		}
		fmt.Println(n)
	}
	if !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("Apply on a full disk = %w; want ErrUnwritable", err)
	}
	var small store.Batch
	small.Put(store.Answers, []byte("small enough to fit"), nil, nil)
	if _, err := db.Apply(ctx, &small); !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("Apply after a failed commit = %w; want ErrUnwritable", err)
	}
	if _, err := db.Get(ctx, store.Answers, crashKey(0), store.WithBody); err != nil {
		return fmt.Errorf("Get after a failed commit: %w", err)
	}
	return db.Close()
}

func TestFullDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no limit of a file's length here")
	}
	path := filepath.Join(t.TempDir(), "arena.db")
	out, err := child(t, "write until the disk is full", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	acked := map[int]bool{}
	for line := range strings.Lines(string(out)) {
		n, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		acked[n] = true
	}
	if len(acked) < 10 {
		t.Errorf("only %d records were acknowledged before 3 MB were full", len(acked))
	}
	verifyAcked(t, path, acked)
}
