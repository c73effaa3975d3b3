package fleet

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"openarena/configs"
	"openarena/internal/secret"
	"openarena/internal/testkit/pgtest"
	"openarena/internal/testkit/simulated"
	"openarena/pipeline"
	"openarena/providers"
	"openarena/store/postgres"
)

// openStore is an arena's database and the tables of its workers.
func openStore(t *testing.T) (*postgres.DB, *Fleet) {
	t.Helper()
	db, err := postgres.Open(t.Context(), secret.New(pgtest.Start(t).URL(t)), postgres.Options{Application: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	f, err := Open(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return db, f
}

// join opens what a worker shares with others.
func (f *Fleet) join(t *testing.T, worker string, published int64, terms pipeline.Terms) pipeline.Commons {
	t.Helper()
	c := f.commons(context.WithoutCancel(t.Context()), worker, Epoch{Published: time.UnixMicro(published)}, time.Minute)
	if terms.Spent == nil {
		terms.Spent = func(context.Context) (booked, lost pipeline.Amount, err error) { return }
	}
	if err := c.Open(t.Context(), terms); err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPGBlocksAreThoseOfTheModel: the blocks of the server are those of the model that is proven to keep any minute, whatever is
// asked for and given back.
func TestPGBlocksAreThoseOfTheModel(t *testing.T) {
	_, f := openStore(t)
	for _, limits := range []pipeline.Minute{{RPM: 40}, {TPM: 4000}, {RPM: 50, TPM: 3000}} {
		name := map[bool]string{true: "r"}[limits.RPM > 0] + map[bool]string{true: "t"}[limits.TPM > 0]
		f.join(t, "w", 1, pipeline.Terms{Minutes: map[string]pipeline.Minute{name: limits}})
		m := &simulated.Minute{RPM: int64(limits.RPM), TPM: int64(limits.TPM)}
		draw, now := rand.New(rand.NewPCG(4, 2)), time.Now()
		var had []providers.Back
		for i := range 400 {
			now = now.Add(time.Duration(draw.Int64N(int64(2 * time.Second))))
			least := draw.Int64N(300)
			if i%50 == 7 {
				least = 5000 // more than a minute has
			}
			n := draw.Int64N(6)
			var back []simulated.Back
			var slots, requests, tokens []int64
			for len(had) > 0 && draw.IntN(3) == 0 {
				b := had[0]
				had = had[1:]
				back = append(back, simulated.Back(b))
				slots, requests, tokens = append(slots, b.Slot), append(requests, b.Requests), append(tokens, b.Tokens)
			}
			want := m.Take(now, n, n*least, least, back...)
			var got simulated.Given
			err := f.pool.QueryRow(t.Context(), f.sql(`SELECT block, requests, tokens, use, again FROM {schema}.oa_borrow($1, $2, $3, $4, $5, $6, $7, $8)`),
				name, n, n*least, least, slots, requests, tokens, now.UnixNano()).Scan(&got.Slot, &got.Requests, &got.Tokens, &got.Use, &got.Again)
			if err != nil {
				t.Fatal(err)
			}
			if got.Requests == 0 {
				got.Slot = 0
			}
			if got != want {
				t.Fatalf("%+v, step %d, %d calls of %d tokens: %+v; want %+v", limits, i, n, least, got, want)
			}
			if got.Requests > 0 {
				had = append(had, providers.Back{Slot: got.Slot, Requests: draw.Int64N(got.Requests), Tokens: draw.Int64N(got.Tokens+1) - 10})
			}
		}
	}
}

// TestPGBorrowedOnce: what a worker gives back it gives back once, though it has to ask again.
func TestPGBorrowedOnce(t *testing.T) {
	_, f := openStore(t)
	c := f.join(t, "w", 1, pipeline.Terms{})
	// The answer to the first question is lost; the answer to the second is how many blocks were given back with it.
	if _, err := f.pool.Exec(t.Context(), f.sql(`CREATE SEQUENCE {schema}.asked;
		CREATE OR REPLACE FUNCTION {schema}.oa_borrow(of text, wanted bigint, most bigint, enough bigint, slots bigint[], unused bigint[], untaken bigint[],
			moment bigint DEFAULT NULL, OUT block bigint, OUT requests bigint, OUT tokens bigint, OUT use bigint, OUT again bigint) AS $body$
		BEGIN
			IF nextval('{schema}.asked') = 1 THEN RAISE 'lost' USING ERRCODE = '08006'; END IF;
			block := 1; requests := coalesce(cardinality(slots), 0); tokens := coalesce(cardinality(untaken), 0); use := 0; again := 0;
		END $body$ LANGUAGE plpgsql`)); err != nil {
		t.Fatal(err)
	}
	for asked, want := range []int64{0, 1} {
		b, err := c.Borrow(t.Context(), "main", providers.Want{Requests: 1, Back: []providers.Back{{Slot: 1, Requests: 2, Tokens: 3}}})
		if err != nil || b.Requests != want || b.Tokens != want {
			t.Errorf("block %d: %d blocks came back with the question that was answered, %v; want %d", asked, b.Requests, err, want)
		}
	}
}

// TestPGAccounts: whatever many processes ask for at once, no more is spent, reserved and lost together than the budget has, and what
// is told twice counts once.
func TestPGAccounts(t *testing.T) {
	_, f := openStore(t)
	terms := pipeline.Terms{Budget: configs.Budget{MaxCalls: 200, MaxTokens: 30_000, MaxCost: 0.002}}
	var workers sync.WaitGroup
	var mu sync.Mutex
	var all pipeline.Amount
	for i := range 8 {
		name := string(rune('a' + i))
		c := f.join(t, name, 1, terms)
		workers.Go(func() {
			draw := rand.New(rand.NewPCG(uint64(i), 5))
			var spent pipeline.Amount
			for {
				call := pipeline.Amount{Calls: 1, Tokens: 100 + draw.Int64N(100), Nanos: 10_000}
				a := pipeline.Account{Spent: spent, Least: call, Want: pipeline.Amount{Calls: 3, Tokens: 3 * call.Tokens, Nanos: 3 * call.Nanos}}
				b, err := c.Account(t.Context(), a)
				if err == nil && draw.IntN(4) == 0 {
					b, err = c.Account(t.Context(), a)
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := b.Spent.Plus(b.Lost).Plus(b.Reserved).Plus(b.Others); n.Calls > 200 || n.Tokens > 30_000 || n.Nanos > 2_000_000 {
					t.Errorf("%+v is spent and granted of %+v", n, terms.Budget)
					return
				}
				if b.Reserved.Calls < 1 {
					if b.Others.Calls > 0 {
						continue // they may give it back
					}
					break
				}
				spent.Calls++
				spent.Tokens += call.Tokens - 20
				spent.Nanos += 9_000
			}
			if _, err := c.Account(t.Context(), pipeline.Account{Spent: spent}); err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			all.Calls, all.Tokens, all.Nanos = all.Calls+spent.Calls, all.Tokens+spent.Tokens, all.Nanos+spent.Nanos
		})
	}
	workers.Wait()
	b, err := f.join(t, "last", 1, terms).Account(t.Context(), pipeline.Account{})
	if err != nil || b.Spent != all || b.Others != (pipeline.Amount{}) {
		t.Errorf("the balance is %+v, %v; want %+v spent and nothing reserved", b, err, all)
	}
	if all.Calls > 200 || all.Tokens > 30_000 || all.Nanos > 2_000_000 || all.Tokens < 29_700 && all.Nanos < 1_980_000 && all.Calls < 200 {
		t.Errorf("%+v was spent of %+v; want one limit reached and none passed", all, terms.Budget)
	}
}

// TestPGDeadWorkers: what a worker had reserved when it died counts as spent, and its calls as possibly billed; if it was only
// away, it takes both back, and nothing counts twice.
func TestPGDeadWorkers(t *testing.T) {
	db, f := openStore(t)
	ctx := t.Context()
	terms := pipeline.Terms{Budget: configs.Budget{MaxCalls: 100}}
	c, other := f.join(t, "w", 1, terms), f.join(t, "other", 1, terms)
	if _, err := f.Beat(ctx, Member{ID: "w"}, -time.Second); err != nil {
		t.Fatal(err)
	}
	calls := func(n int64) pipeline.Amount { return pipeline.Amount{Calls: n} }
	must := func(b pipeline.Balance, err error) pipeline.Balance {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	check := func(when string, b pipeline.Balance, spent, lost, reserved, possibly int64) {
		t.Helper()
		n, err := pipeline.PossiblyBilled(ctx, db)
		if err != nil || n != possibly || b.Spent.Calls != spent || b.Lost.Calls != lost || b.Others.Calls+b.Reserved.Calls != reserved {
			t.Errorf("%s: %+v, %d possibly billed, %v; want %d spent, %d lost, %d reserved, %d possibly billed", when, b, n, err, spent, lost, reserved, possibly)
		}
	}
	bury := func(want int64) {
		t.Helper()
		if n, err := f.Bury(ctx); n != want || err != nil {
			t.Errorf("Bury = %d, %v; want %d", n, err, want)
		}
	}
	must(c.Account(ctx, pipeline.Account{Spent: calls(7), Held: calls(5), Least: calls(5), Want: calls(12)}))
	if err := c.Outstanding(ctx, 16); err != nil {
		t.Fatal(err)
	}
	check("at work", must(other.Account(ctx, pipeline.Account{})), 7, 0, 12, 0)
	if p, err := f.Purse(ctx); err != nil || len(p.Lines) != 1 || p.Lines[0] != (pipeline.BudgetLine{What: "calls", Limit: 100, Spent: 7, InFlight: 12, Left: 81}) || p.Dying != 16 {
		t.Errorf("Purse = %+v, %v; want 7 of 100 spent, 12 reserved, 16 calls of somebody not heard of", p, err)
	}
	bury(1)
	bury(0)
	check("taken for dead", must(other.Account(ctx, pipeline.Account{})), 7, 12, 0, 16)
	b := must(other.Account(ctx, pipeline.Account{Least: calls(82), Want: calls(82)}))
	if b.Reserved.Calls != 0 {
		t.Errorf("of 100 calls, 7 spent and 12 possibly spent, another was given %d; want 0, as 82 are too many", b.Reserved.Calls)
	}
	check("back again", must(c.Account(ctx, pipeline.Account{Spent: calls(11), Held: calls(1), Least: calls(1), Want: calls(1)})), 11, 0, 1, 0)
	bury(1)
	check("dead once more", must(other.Account(ctx, pipeline.Account{})), 11, 1, 0, 16)
	if err := c.Outstanding(ctx, 0); err != nil {
		t.Fatal(err)
	}
	check("ended in the end", must(c.Account(ctx, pipeline.Account{Spent: calls(12)})), 12, 0, 0, 0)
	bury(0)
	again := f.join(t, "w", 1, terms)
	check("with another Runner", must(again.Account(ctx, pipeline.Account{Spent: calls(3), Held: calls(1), Least: calls(1), Want: calls(1)})), 15, 0, 1, 0)
	check("which ended", must(again.Account(ctx, pipeline.Account{Spent: calls(4)})), 16, 0, 0, 0)
}

// TestPGPublication: what is published later replaces limits, budget and what `ctl` has set; the same one does not. What was spent is
// counted anew where nobody is at work.
func TestPGPublication(t *testing.T) {
	_, f := openStore(t)
	ctx := t.Context()
	terms := func(calls int64, rpm int, spent int64) pipeline.Terms {
		return pipeline.Terms{
			Budget: configs.Budget{MaxCalls: calls, MaxCost: 0.7, MaxTime: time.Hour}, Minutes: map[string]pipeline.Minute{"main": {RPM: rpm}},
			Spent: func(context.Context) (booked, lost pipeline.Amount, err error) {
				return pipeline.Amount{Calls: spent}, pipeline.Amount{Calls: 1}, nil
			},
		}
	}
	check := func(c pipeline.Commons, calls int64, rpm int, spent, lost int64) {
		t.Helper()
		w, err := c.Hear(ctx)
		if err != nil {
			t.Fatal(err)
		}
		b, err := c.Account(ctx, pipeline.Account{})
		if err != nil || w.Minutes["main"].RPM != rpm || w.Budget.MaxCalls != calls || b.Spent.Calls != spent || b.Lost.Calls != lost || b.Budget != w.Budget {
			t.Errorf("%+v, %+v, %v; want max_calls %d, rpm %d, %d spent, %d lost", w, b, err, calls, rpm, spent, lost)
		}
	}
	first := f.join(t, "first", 1, terms(10, 5, 3))
	check(first, 10, 5, 3, 1)
	w, err := first.Hear(ctx)
	if err != nil || w.Budget != (configs.Budget{MaxCalls: 10, MaxCost: 0.7, MaxTime: time.Hour}) || w.Elapsed < time.Hour {
		t.Errorf("Hear = %+v, %v; want the budget as it was published, at the beginning of 1970", w, err)
	}
	if err := first.Limit(ctx, "main", pipeline.Minute{RPM: 8}); err != nil {
		t.Fatal(err)
	}
	if err := first.Budget(ctx, configs.Budget{MaxCalls: 20}); err != nil {
		t.Fatal(err)
	}
	check(f.join(t, "second", 1, terms(10, 5, 99)), 20, 8, 3, 1)
	check(f.join(t, "third", 2, terms(30, 6, 4)), 30, 6, 4, 1)
	two := pipeline.Amount{Calls: 2}
	if _, err := first.Account(ctx, pipeline.Account{Held: two, Least: two, Want: two}); err != nil {
		t.Fatal(err)
	}
	check(f.join(t, "fourth", 3, terms(40, 7, 99)), 40, 7, 4, 1)
	check(f.join(t, "late", 2, terms(50, 9, 99)), 40, 7, 4, 1)
}

// TestPGRests: a server's wish is heard by all, is never shortened, and ends when somebody says so.
func TestPGRests(t *testing.T) {
	_, f := openStore(t)
	ctx := t.Context()
	c := f.join(t, "w", 1, pipeline.Terms{})
	for _, r := range []pipeline.Rest{{Endpoint: "a", For: time.Hour}, {Endpoint: "a", For: time.Minute}, {Endpoint: "b", ModelID: "m", For: time.Minute}, {Endpoint: "c", For: -time.Second}} {
		if err := c.Rest(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	heard := func() map[string]pipeline.Rest {
		w, err := c.Hear(ctx)
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]pipeline.Rest{}
		for _, r := range w.Rests {
			all[r.Endpoint] = r
		}
		return all
	}
	all := heard()
	if len(all) != 2 || all["a"].For < 55*time.Minute || all["b"].ModelID != "m" || all["b"].For > time.Minute {
		t.Errorf("Hear: %+v; want an hour for a, a minute for the model of b", all)
	}
	if err := c.Wake(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	if all := heard(); len(all) != 1 {
		t.Errorf("Hear: %+v after Wake; want the one of b", all)
	}
}
