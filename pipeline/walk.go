package pipeline

import (
	"bytes"
	"context"
	"iter"

	"openarena/store"
)

// span is the prompts from one hash to another, both included.
type span struct{ from, to Hash }

// everything is the span of all prompts.
var everything = span{to: Hash(bytes.Repeat([]byte{0xff}, hashSize))}

// keys are the keys that begin with prefix and then a hash of the span.
func (s span) keys(prefix []byte) store.Range {
	from, to := append(bytes.Clone(prefix), s.from[:]...), append(bytes.Clone(prefix), s.to[:]...)
	return store.Range{From: from, To: store.Prefix(to).To}
}

// groups walks a bucket whose keys begin with a prompt's hash, one prompt at a time. Asked for ascending hashes it passes
// over every record once, so that several of them and the wanted prompts are joined by walking together.
type groups struct {
	next func() (store.Record, error, bool)
	stop func()
	rec  store.Record
	err  error
	ok   bool
}

func newGroups(ctx context.Context, r store.Reader, bk store.Bucket, part span, want store.Fields) *groups {
	g := &groups{}
	g.next, g.stop = iter.Pull2(r.Scan(ctx, bk, part.keys(nil), want))
	g.step()
	return g
}

func (g *groups) step() { g.rec, g.err, g.ok = g.next() }

// take calls each with the records of prompt h, in key order. Hashes must ascend from call to call.
func (g *groups) take(h Hash, each func(store.Record) error) error {
	for g.ok {
		if g.err != nil {
			return g.err
		}
		if len(g.rec.Key) < hashSize {
			return errKey
		}
		switch c := bytes.Compare(g.rec.Key[:hashSize], h[:]); {
		case c > 0:
			return nil
		case c == 0:
			if err := each(g.rec); err != nil {
				return err
			}
		}
		g.step()
	}
	return nil
}

func (g *groups) close() { g.stop() }

// walkOptions says what a walk reads beside the answers.
type walkOptions struct {
	span     span
	verdicts depth
	failures bool
}

// depth is how much a walk reads of records.
type depth uint8

const (
	nothing depth = iota
	keys          // which there are
	metas
)

// sheets walks the wanted prompts in hash order with what there is of each. A sheet is valid until the next one.
func (a *Arena) sheets(ctx context.Context, r store.Reader, all []listing, o walkOptions) iter.Seq2[*sheet, error] {
	return func(yield func(*sheet, error) bool) {
		join := join{answers: newGroups(ctx, r, store.Answers, o.span, store.WithMeta)}
		defer join.answers.close()
		if o.verdicts != nothing {
			want := store.KeyOnly
			if o.verdicts == metas {
				want = store.WithMeta
			}
			join.verdicts = newGroups(ctx, r, store.Verdicts, o.span, want)
			defer join.verdicts.close()
		}
		if o.failures {
			join.failures = newGroups(ctx, r, store.Failures, o.span, store.WithMeta)
			defer join.failures.close()
		}
		s := newSheet(Hash{})
		for w, err := range a.wanted(ctx, r, all, o.span) {
			if err == nil {
				s.wanted = w
				err = join.fill(s)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// join is the cursors that a walk moves together; nil ones are left out.
type join struct{ answers, verdicts, failures *groups }

func (j join) fill(s *sheet) error {
	s.clear()
	if err := j.answers.take(s.Prompt, s.addAnswer); err != nil {
		return err
	}
	if j.verdicts != nil {
		if err := j.verdicts.take(s.Prompt, s.addVerdict); err != nil {
			return err
		}
	}
	if j.failures != nil {
		return j.failures.take(s.Prompt, s.addFailure)
	}
	return nil
}
