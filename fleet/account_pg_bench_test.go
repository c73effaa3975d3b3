//go:build unix

package fleet

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/pipeline"
	"openarena/store/postgres"
)

// BenchmarkPGAccounts has a thousand workers book and reserve at once, through one pool: all want the same rows.
func BenchmarkPGAccounts(b *testing.B) {
	server := pgtest.Start(b)
	db, err := postgres.Open(b.Context(), secret.New(server.URL(b)+"&pool_max_conns=64"), postgres.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	f, err := Open(b.Context(), db)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.Pool().Exec(b.Context(), f.sql(`UPDATE {schema}.oa_budget SET cap = 1000000000000`)); err != nil {
		b.Fatal(err)
	}
	const workers = 1000
	for _, what := range []struct {
		name string
		do   func(context.Context, *commons, pipeline.Account) error
	}{
		{"budget", func(ctx context.Context, c *commons, a pipeline.Account) error {
			_, err := c.Account(ctx, a)
			return err
		}},
		{"outstanding", func(ctx context.Context, c *commons, a pipeline.Account) error {
			return c.Outstanding(ctx, int(a.Spent.Calls))
		}},
	} {
		b.Run(what.name, func(b *testing.B) {
			var next atomic.Int64
			before := server.Spent()
			b.SetParallelism(workers / 2)
			b.RunParallel(func(pb *testing.PB) {
				c := f.commons(b.Context(), fmt.Sprint(what.name, next.Add(1)), Epoch{}, time.Minute)
				for n := int64(1); pb.Next(); n++ {
					a := pipeline.Account{Spent: pipeline.Amount{Calls: n, Tokens: n, Nanos: n}, Want: pipeline.Amount{Calls: 10, Tokens: 10, Nanos: 10}}
					if err := what.do(b.Context(), c, a); err != nil {
						b.Error(err)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
			b.ReportMetric(float64((server.Spent()-before).Microseconds())/float64(b.N), "server-µs/call")
		})
	}
}
