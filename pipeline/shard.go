package pipeline

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"openarena/configs"
	"openarena/store"
)

// Shard is one of several equal parts of the prompts, by their hashes. Each has a database of its own, and all of them merged
// are the arena. Its zero value is the whole.
type Shard struct{ I, N int } // I from 1 to N

// MostShards is far more than there are machines.
const MostShards = 1 << 16

// ParseShard reads i/n. Arrays of jobs count from 1 (i up to n) or from 0 (i up to n-1): 0 is another name of n, so that either
// way each shard is worked on once.
func ParseShard(text string) (Shard, error) {
	left, right, _ := strings.Cut(text, "/")
	i, err := strconv.Atoi(left)
	n, err2 := strconv.Atoi(right)
	switch {
	case err != nil || err2 != nil:
		return Shard{}, fmt.Errorf("%q is no shard: give which one and of how many, such as 3/64", text)
	case n < 1 || n > MostShards:
		return Shard{}, fmt.Errorf("%q: there may be 1 to %d shards", text, MostShards)
	case i < 0 || i > n:
		return Shard{}, fmt.Errorf("%q: of %d shards there is none of number %d; they count from 1 to %[2]d, and 0 is another name of the last", text, n, i)
	case i == 0:
		i = n
	}
	return Shard{i, n}, nil
}

// Whole reports whether it is no shard but everything.
func (s Shard) Whole() bool { return s.N == 0 }

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.I, s.N) }

// FileWord is how names of files say it.
func (s Shard) FileWord() string { return fmt.Sprintf("%d-of-%d", s.I, s.N) }

// span is its range of hashes.
func (s Shard) span() span {
	if s.Whole() {
		return everything
	}
	all := everything
	if s.I > 1 {
		binary.BigEndian.PutUint64(all.from[:], shardStart(s.I-1, s.N))
	}
	if s.I < s.N {
		binary.BigEndian.PutUint64(all.to[:], shardStart(s.I, s.N)-1)
	}
	return all
}

// shardStart is where the shard behind the first i begins: ⌈i·2⁶⁴/n⌉, for i below n.
func shardStart(i, n int) uint64 {
	q, rest := bits.Div64(uint64(i), 0, uint64(n))
	if rest > 0 {
		q++
	}
	return q
}

func (s span) within(t span) span {
	if string(t.from[:]) > string(s.from[:]) {
		s.from = t.from
	}
	if string(t.to[:]) < string(s.to[:]) {
		s.to = t.to
	}
	return s
}

func (s span) holds(h Hash) bool {
	return string(h[:]) >= string(s.from[:]) && string(h[:]) <= string(s.to[:])
}

// of is this shard's part of something that all shards have together: what the parts come to is never more.
func (s Shard) of(total int64) int64 {
	i, n := int64(s.I), int64(s.N)
	each, rest := total/n, total%n
	return each + rest*i/n - rest*(i-1)/n
}

// share is the configuration with this shard's part of every stated limit. A part of nothing is an error: 0 means no limit.
func (s Shard) share(c *configs.Config) (*configs.Config, error) {
	if s.Whole() {
		return c, nil
	}
	shared := *c
	var wrong []error
	told := map[string]bool{} // an endpoint of ten models is told of once
	part := func(what string, total int64) int64 {
		n := s.of(total)
		if total > 0 && n == 0 && !told[what] {
			told[what] = true
			wrong = append(wrong, fmt.Errorf("%s: %d is for all %d shards together, and leaves nothing for shard %s: state more, or have fewer shards", what, total, s.N, s))
		}
		return n
	}
	endpoint := func(e configs.Endpoint) configs.Endpoint {
		e.Concurrency = int(part(e.Name+": concurrency", int64(e.Concurrency)))
		e.RPM = int(part(e.Name+": rpm", int64(e.RPM)))
		e.TPM = int(part(e.Name+": tpm", int64(e.TPM)))
		return e
	}
	shared.Models = append([]configs.Model(nil), c.Models...)
	for i := range shared.Models {
		shared.Models[i].Endpoint = endpoint(shared.Models[i].Endpoint)
	}
	shared.Judges = append([]configs.Judge(nil), c.Judges...)
	for i := range shared.Judges {
		shared.Judges[i].Endpoint = endpoint(shared.Judges[i].Endpoint)
	}
	b := &shared.Budget
	b.MaxCalls, b.MaxTokens = part("budget.max_calls", b.MaxCalls), part("budget.max_tokens", b.MaxTokens)
	b.MaxCost = math.Floor(b.MaxCost/float64(s.N)*1e9) / 1e9 // so that no sum passes it
	if c.Budget.MaxCost > 0 && b.MaxCost <= 0 {
		wrong = append(wrong, fmt.Errorf("budget.max_cost: %v leaves nothing for each of %d shards: state more", c.Budget.MaxCost, s.N))
	}
	return &shared, errors.Join(wrong...)
}

// checkShard refuses what a shard alone cannot do.
func (a *Arena) checkShard() error {
	if !a.Trial.Shard.Whole() && a.adaptive() {
		return errors.New("judging.pairs is adaptive: its next battles depend on what was judged of all prompts, which no shard sees; " +
			"leave --shard out, or choose pairs: all, circular, {random: n} or {baseline: NAME}")
	}
	return nil
}

// shardKey is where a database notes, in Meta, whose shard it is.
var shardKey = []byte("shard")

// ErrOtherShard: the database is that of another part of the arena.
var ErrOtherShard = errors.New("the database of another part of the arena")

// ShardOf is the shard whose database r is; the whole for all others.
func ShardOf(ctx context.Context, r store.Reader) (Shard, error) {
	rec, err := r.Get(ctx, store.Meta, shardKey, store.WithBody)
	if errors.Is(err, store.ErrNotFound) {
		return Shard{}, nil
	}
	if err != nil {
		return Shard{}, err
	}
	return ParseShard(string(rec.Body))
}

// Claim notes in the database whose shard it is, before anything else is written. It refuses, with ErrOtherShard, the database of
// another one, that of a run of everything, and a shard's where everything is wanted.
func (s Shard) Claim(ctx context.Context, db store.Store) error {
	was, err := ShardOf(ctx, db)
	switch {
	case err != nil || was == s:
		return err
	case s.Whole():
		return fmt.Errorf("%w: it is that of shard %s, so go on with --shard %[2]s, or merge all shards and go on with the merged one", ErrOtherShard, was)
	case !was.Whole():
		return fmt.Errorf("%w: it is that of shard %s, and this is shard %s; --db names another", ErrOtherShard, was, s)
	}
	for _, bk := range [...]store.Bucket{store.Answers, store.Judgments, store.Batches} {
		works, err := holdsAny(ctx, db, bk)
		if err != nil {
			return err
		}
		if works {
			return fmt.Errorf("%w: it holds work of a run without --shard; --db names another, and `openarena merge` puts both together", ErrOtherShard)
		}
	}
	var b store.Batch
	b.Put(store.Meta, shardKey, nil, []byte(s.String()))
	_, err = db.Apply(ctx, &b)
	return err
}

// shardNotes say that counts are those of a shard.
func (a *Arena) shardNotes() []string {
	if s := a.Trial.Shard; !s.Whole() {
		return []string{fmt.Sprintf("This is shard %s alone: its prompts, and its part of every stated limit.", s)}
	}
	return nil
}
