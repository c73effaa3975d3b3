package pipeline

import (
	"bytes"
	"context"
	"errors"
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
// over every record once, so that several of them and the wanted prompts are joined by walking together. The zero value
// has no records.
type groups struct {
	cursor *store.Cursor
	rec    *store.Record // nil at the end, and after an error
	err    error
	given  bool // next has given it
}

func newGroups(ctx context.Context, r store.Reader, bk store.Bucket, part span, want store.Fields) *groups {
	g := &groups{cursor: store.Walk(ctx, r, bk, part.keys(nil), want)}
	g.step()
	return g
}

// newGroupsOf is newGroups of one contestant's answers, or their failures: those of others are passed over.
func newGroupsOf(ctx context.Context, r store.Reader, bk store.Bucket, part span, who ID, want store.Fields) *groups {
	g := &groups{cursor: store.Walk(ctx, r, bk, part.keys(nil), want)}
	g.cursor.Only(hashSize, who[:])
	g.step()
	return g
}

func (g *groups) step() {
	if g.rec, g.err = g.cursor.Next(); g.err == nil && g.rec != nil && len(g.rec.Key) < hashSize {
		g.err = errKey
	}
	if g.err != nil {
		g.rec = nil
	}
}

// next moves to the next record of prompt h; false: there is none, or an error. Hashes must ascend from call to call.
func (g *groups) next(h *Hash) bool {
	if g.given {
		g.given = false
		g.step()
	}
	for g.rec != nil {
		switch bytes.Compare(g.rec.Key[:hashSize], h[:]) {
		case 1:
			return false
		case 0:
			g.given = true
			return true
		}
		g.step()
	}
	return false
}

func (g *groups) close() {
	if g.cursor != nil {
		g.cursor.Close()
	}
}

// walkOptions says what a walk reads beside the answers.
type walkOptions struct {
	span     span
	verdicts depth
	failures bool
	texts    bool // of the answers
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
		join := newJoin(ctx, r, o)
		defer join.close()
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

// join is the cursors that a walk moves together.
type join struct {
	answers, verdicts, failures *groups
	addVerdict                  func(*sheet, *store.Record) error
}

func newJoin(ctx context.Context, r store.Reader, o walkOptions) join {
	answers := store.WithMeta
	if o.texts {
		answers = store.WithBody
	}
	j := join{answers: newGroups(ctx, r, store.Answers, o.span, answers), verdicts: &groups{}, failures: &groups{}}
	switch o.verdicts {
	case keys:
		j.verdicts, j.addVerdict = newGroups(ctx, r, store.Verdicts, o.span, store.KeyOnly), (*sheet).addKey
	case metas:
		j.verdicts, j.addVerdict = newGroups(ctx, r, store.Verdicts, o.span, store.WithMeta), (*sheet).addVerdict
	}
	if o.failures {
		j.failures = newGroups(ctx, r, store.Failures, o.span, store.WithMeta)
	}
	return j
}

func (j join) close() {
	for _, g := range [...]*groups{j.answers, j.verdicts, j.failures} {
		g.close()
	}
}

// fill makes s, whose prompt is set, the sheet of that prompt. Hashes must ascend from call to call.
func (j join) fill(s *sheet) error {
	s.clear()
	for j.answers.next(&s.Prompt) {
		if err := s.addAnswer(j.answers.rec); err != nil {
			return err
		}
	}
	for j.verdicts.next(&s.Prompt) {
		if err := j.addVerdict(s, j.verdicts.rec); err != nil {
			return err
		}
	}
	for j.failures.next(&s.Prompt) {
		if err := s.addFailure(j.failures.rec); err != nil {
			return err
		}
	}
	return errors.Join(j.answers.err, j.verdicts.err, j.failures.err)
}
