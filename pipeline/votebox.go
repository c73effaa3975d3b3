package pipeline

import (
	"context"

	"openarena/store"
)

// voteBox walks the votes that count, prompt by prompt.
type voteBox struct {
	groups *groups
	votes  []vote
}

func newVoteBox(ctx context.Context, r store.Reader) *voteBox {
	return &voteBox{groups: newGroups(ctx, r, store.Votes, everything, store.WithMeta)}
}

func (b *voteBox) close() { b.groups.close() }

// of are the votes on a prompt in key order, valid until the next call. Hashes must ascend from call to call.
func (b *voteBox) of(h *Hash) ([]vote, error) {
	b.votes = b.votes[:0]
	for b.groups.next(h) {
		key, err := parseVoteKey(b.groups.rec.Key)
		if err != nil {
			return nil, err
		}
		v, err := parseVote(key.voteSubject, b.groups.rec.Meta)
		if err != nil {
			return nil, err
		}
		if n := len(b.votes); n > 0 && b.votes[n-1].voteSubject == key.voteSubject {
			b.votes[n-1] = v // of one voter, the last one counts
			continue
		}
		b.votes = append(b.votes, v)
	}
	return b.votes, b.groups.err
}

// countVotes is how many votes count, whatever they are about.
func countVotes(ctx context.Context, r store.Reader) (n int64, err error) {
	var last voteSubject
	for rec, err := range r.Scan(ctx, store.Votes, store.Range{}, store.KeyOnly) {
		if err != nil {
			return n, err
		}
		key, err := parseVoteKey(rec.Key)
		if err != nil {
			return n, err
		}
		if n == 0 || key.voteSubject != last {
			n++
		}
		last = key.voteSubject
	}
	return n, nil
}
