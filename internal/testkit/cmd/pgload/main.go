// Command pgload is what one worker is to a PostgreSQL when models cost nothing: so many goroutines store answers of 4 KB, each
// with the counters that its commit adds to, and wait until it is durable. It prints how many there were and when the first
// began and the last was durable, in seconds since 1970.
//
//	pgload -url URL -n 20000 -worker 1 -of 2    stores answers under hashes of the second half
//	pgload -url URL -scan                       reads all answers in order, and prints their bytes and seconds
package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"openarena/internal/secret"
	"openarena/store"
	"openarena/store/postgres"
)

func main() {
	url := flag.String("url", "", "server, with a schema as search_path")
	n := flag.Int("n", 20_000, "answers to store")
	waiters := flag.Int("waiters", 500, "calls in flight")
	worker, of := flag.Int("worker", 0, "which of the workers this is"), flag.Int("of", 2, "how many there are")
	scan := flag.Bool("scan", false, "read instead")
	flag.Parse()
	if err := run(context.Background(), *url, *n, *waiters, *worker, *of, *scan); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url string, n, waiters, worker, of int, scan bool) error {
	db, err := postgres.Open(ctx, secret.New(url), postgres.Options{Application: "pgload", ReadOnly: scan})
	if err != nil {
		return err
	}
	defer db.Close()
	if scan {
		return read(ctx, db)
	}
	began := time.Now()
	var next atomic.Int64
	var all errgroup.Group
	for range waiters {
		all.Go(func() error {
			body := text(uint64(worker))
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				if _, err := db.Apply(ctx, answer(worker, of, i, n, body)); err != nil {
					return err
				}
			}
		})
	}
	if err := all.Wait(); err != nil {
		return err
	}
	fmt.Println(n, seconds(began), seconds(time.Now()))
	return nil
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// text is 4 KB that do not compress.
func text(seed uint64) []byte {
	b := make([]byte, 4096)
	dice := rand.New(rand.NewPCG(seed, rand.Uint64()))
	for i := 0; i < len(b); i += 8 {
		binary.LittleEndian.PutUint64(b[i:], dice.Uint64())
	}
	return b
}

// answer is the commit of one answer: hashes ascend within a worker's share of them, as they do within a part.
func answer(worker, of, i, n int, body []byte) *store.Batch {
	key := make([]byte, 33)
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(i)))
	copy(key, sum[:16])
	share := 1 << 32 / uint64(of)
	binary.BigEndian.PutUint32(key, uint32(uint64(worker)*share+uint64(i)*share/uint64(n)))
	copy(key[16:], "contestant-----0")
	b := new(store.Batch)
	b.PutOnce(store.Answers, key, make([]byte, 60), body)
	for _, counter := range []string{"calls", "input", "output"} {
		b.Add([]byte("contestant-----0 "+counter), int64(1+i%7))
	}
	return b
}

func read(ctx context.Context, db *postgres.DB) error {
	began, size := time.Now(), 0
	last := ""
	for r, err := range db.Scan(ctx, store.Answers, store.Range{}, store.WithBody) {
		if err != nil {
			return err
		}
		if key := string(r.Key); key <= last {
			return fmt.Errorf("key %x follows %x", key, last)
		}
		last = string(r.Key)
		size += len(r.Body)
	}
	fmt.Println(size, time.Since(began).Seconds())
	return nil
}
