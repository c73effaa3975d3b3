package pipeline

import (
	"context"
	"iter"
	"slices"

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
		_, v, err := readVote(b.groups.rec)
		if err != nil {
			return nil, err
		}
		if n := len(b.votes); n > 0 && b.votes[n-1].voteSubject == v.voteSubject {
			b.votes[n-1] = v // of one voter, the last one counts
			continue
		}
		b.votes = append(b.votes, v)
	}
	b.votes = slices.DeleteFunc(b.votes, func(v vote) bool { return v.Mark == withdrawn })
	return b.votes, b.groups.err
}

// readVote reads a record of Votes but for the voter's name.
func readVote(rec *store.Record) (key voteKey, v vote, err error) {
	if key, err = parseVoteKey(rec.Key); err == nil {
		v, err = parseVote(key.voteSubject, rec.Meta)
	}
	return key, v, err
}

// lastVotes yields the last vote of each voter on each two answers, whatever they are about, with its sequence. Those that were
// withdrawn are among them: the next one comes behind.
func lastVotes(ctx context.Context, r store.Reader) iter.Seq2[lastVote, error] {
	return func(yield func(lastVote, error) bool) {
		var last lastVote
		any := false
		for rec, err := range r.Scan(ctx, store.Votes, store.Range{}, store.WithMeta) {
			if err != nil {
				yield(last, err)
				return
			}
			key, v, err := readVote(&rec)
			if err != nil {
				yield(last, err)
				return
			}
			if any && v.voteSubject != last.voteSubject && !yield(last, nil) {
				return
			}
			last, any = lastVote{v, key.Sequence}, true
		}
		if any {
			yield(last, nil)
		}
	}
}

type lastVote struct {
	vote
	Sequence uint32
}

// countVotes is how many votes count, whatever they are about.
func countVotes(ctx context.Context, r store.Reader) (n int64, err error) {
	for v, err := range lastVotes(ctx, r) {
		if err != nil {
			return n, err
		}
		if v.Mark != withdrawn {
			n++
		}
	}
	return n, nil
}
