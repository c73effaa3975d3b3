package crash

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"openarena/internal/testkit/fakellm"
)

// results is all that a finished arena shows.
type results struct {
	dump    []byte
	ratings []byte
	exports map[file][]byte
	status  status
	calls   fakellm.Stats
}

// status is what of `status --json` is checked.
type status struct {
	Judge  struct{ Wanted, Done, Pending, Invalid int }
	Tokens struct{ Input, Output int64 }
	Billed int `json:"possibly_billed_calls"`
}

// results reads a finished arena with the commands a user has. While they run the database must not change: I7.
func (a *arena) results(ctx context.Context) (r results, err error) {
	before, err := a.databaseHash()
	if err != nil {
		return r, err
	}
	if r.dump, err = a.read(ctx, "db", "dump"); err != nil {
		return r, err
	}
	if r.ratings, err = a.read(ctx, "rate", "--json"); err != nil {
		return r, err
	}
	state, err := a.read(ctx, "status", "--json")
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(state, &r.status); err != nil {
		return r, fmt.Errorf("status --json: %w", err)
	}
	if _, err := a.read(ctx, "plan"); err != nil {
		return r, err
	}
	after, err := a.databaseHash()
	if err != nil {
		return r, err
	}
	a.loop.report.check(i7, before == after, "%s: commands that only read have changed the database", a.dir)
	r.exports = map[file][]byte{}
	for _, f := range exported {
		if r.exports[f], err = os.ReadFile(filepath.Join(a.dir, f.name())); err != nil {
			return r, err
		}
	}
	r.calls = a.stage.server.Stats(true)
	return r, nil
}

func (a *arena) databaseHash() (sum [sha256.Size]byte, err error) {
	b, err := os.ReadFile(filepath.Join(a.dir, database))
	return sha256.Sum256(b), err
}

// compare holds a finished arena against the undisturbed one: I3, I4 and I8, and once more what is settled.
func (a *arena) compare(ctx context.Context) error {
	got, err := a.results(ctx)
	if err != nil {
		return err
	}
	if err := a.settle(ctx, got.calls); err != nil {
		return err
	}
	want, r := a.stage.golden, a.loop.report
	r.check(i4, bytes.Equal(got.dump, want.dump), "%s: the dump differs: %s", a.dir, difference(got.dump, want.dump))
	r.check(i4, bytes.Equal(got.ratings, want.ratings), "%s: the ratings differ: %s", a.dir, difference(got.ratings, want.ratings))
	for _, f := range exported {
		r.check(i4, bytes.Equal(got.exports[f], want.exports[f]), "%s: %s differs: %s", a.dir, f.name(), difference(got.exports[f], want.exports[f]))
	}
	a.checkTokens(got)
	a.checkBilled(got)
	a.checkOnce(got)
	return nil
}

// checkTokens is I3: the tokens that `status` shows are those the server counted for what is committed.
func (a *arena) checkTokens(got results) {
	found, err := texts(got.dump)
	if err != nil {
		a.loop.report.check(i3, false, "%s: %v", a.dir, err)
		return
	}
	var input, output int64
	for name := range found {
		input += got.calls.Calls[name].Input
		output += got.calls.Calls[name].Output
	}
	a.loop.report.check(i3, got.status.Tokens.Input == input && got.status.Tokens.Output == output,
		"%s: status shows %d + %d tokens; the server counted %d + %d for committed work",
		a.dir, got.status.Tokens.Input, got.status.Tokens.Output, input, output)
}

// checkBilled is the word of `status` on I2: how many calls may have been paid and lost, neither too few nor just any number:
// a bound kept on disk is written rarely and may be twice what it bounds.
func (a *arena) checkBilled(got results) {
	billed := got.status.Billed
	a.loop.report.check(i2, a.lost <= billed && billed <= a.kills*2*voidPerKill,
		"%s: status says that %d calls may have been paid for and lost; the server counted %d over %d kills", a.dir, billed, a.lost, a.kills)
}

// checkOnce is I8: as many judgments as are wanted, each once.
func (a *arena) checkOnce(got results) {
	rows := bytes.Split(bytes.TrimSuffix(got.exports[file{"battles", "jsonl"}], []byte("\n")), []byte("\n"))
	seen := map[string]bool{}
	for _, row := range rows {
		seen[string(row)] = true
	}
	wanted := got.status.Judge.Wanted
	a.loop.report.check(i8, len(rows) == wanted && len(seen) == wanted && got.status.Judge.Done == wanted && got.status.Judge.Pending == 0,
		"%s: %d judgments are wanted, %d done, %d pending; battles has %d rows, %d of them distinct",
		a.dir, wanted, got.status.Judge.Done, got.status.Judge.Pending, len(rows), len(seen))
}

// difference shows the first lines that differ.
func difference(got, want []byte) string {
	g, w := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(g), len(w)) {
		var a, b []byte
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if !bytes.Equal(a, b) {
			return fmt.Sprintf("%d lines in place of %d; line %d\n  got  %.300s\n  want %.300s", len(g), len(w), i+1, a, b)
		}
	}
	return "nowhere"
}
