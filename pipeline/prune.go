package pipeline

import (
	"bytes"
	"context"

	"openarena/store"
)

// Pruned counts what the present file does not want.
type Pruned struct {
	Prompts   int `json:"prompts"`
	Answers   int `json:"answers"`
	Judgments int `json:"judgments"` // replies of judges
	Verdicts  int `json:"verdicts"`
	Failures  int `json:"failures"`
	Retired   int `json:"retired"`
	Listings  int `json:"listings"` // records of datasets that changed or left the file
}

// Prune removes what the present file does not want, and what redo took back; with dry it only counts. The books stay:
// what was spent was spent.
func (a *Arena) Prune(ctx context.Context, s store.Store, dry bool) (n Pruned, err error) {
	all, err := a.listings(ctx, s)
	if err != nil {
		return n, err
	}
	p := pruner{store: s, pairing: a.pairing(), dry: dry}
	for sheet, err := range a.sheets(ctx, s, all, walkOptions{span: everything}) {
		if err != nil {
			return n, err
		}
		if err := p.skipTo(ctx, sheet.Prompt, &n); err != nil {
			return n, err
		}
		if err := p.unwanted(ctx, a, sheet, &n); err != nil {
			return n, err
		}
	}
	if err := p.skipTo(ctx, Hash{}, &n); err != nil {
		return n, err
	}
	if err := p.drop(ctx, store.Retired, store.Range{}, &n.Retired, nil); err != nil {
		return n, err
	}
	keep := func(rec store.Record) bool { return a.lists(all, rec) }
	if err := p.drop(ctx, store.Datasets, store.Range{}, &n.Listings, keep); err != nil {
		return n, err
	}
	return n, p.flush(ctx)
}

// pruner walks along the wanted prompts and drops what lies between them.
type pruner struct {
	store   store.Store
	pairing *pairing
	dry     bool
	from    []byte // where the part not yet looked at begins
	batch   store.Batch
	n       int
}

// skipTo drops everything of the prompts before h; the zero hash stands for the end.
func (p *pruner) skipTo(ctx context.Context, h Hash, n *Pruned) error {
	gap := store.Range{From: p.from, To: bytes.Clone(h[:])}
	if h == (Hash{}) {
		gap.To = nil
	}
	for _, part := range []struct {
		bucket store.Bucket
		n      *int
	}{
		{store.Prompts, &n.Prompts}, {store.Answers, &n.Answers}, {store.Judgments, &n.Judgments},
		{store.Verdicts, &n.Verdicts}, {store.Failures, &n.Failures},
	} {
		if err := p.drop(ctx, part.bucket, gap, part.n, nil); err != nil {
			return err
		}
	}
	p.from = store.Prefix(h[:]).To
	return nil
}

// unwanted drops what a wanted prompt has of contestants, battles and judges that are not.
func (p *pruner) unwanted(ctx context.Context, a *Arena, s *sheet, n *Pruned) error {
	judgments := map[string]bool{}
	for _, b := range p.pairing.of(s.Prompt) {
		texts := texts(s.answers[b.A].Digest, s.answers[b.B].Digest)
		for _, w := range p.pairing.judgments(s.Prompt, b) {
			judgments[string(w.key(s.Prompt, b, texts).bytes())] = true
		}
	}
	answer := func(rec store.Record) bool {
		key, err := parseAnswerKey(rec.Key)
		c := a.contestant(key.Contestant)
		return err == nil && c != nil && int(key.Sample) < c.Samples
	}
	judgment := func(rec store.Record) bool { return judgments[string(rec.Key[:min(len(rec.Key), verdictSize)])] }
	failure := func(rec store.Record) bool { return answer(rec) || judgment(rec) }
	for _, part := range []struct {
		bucket store.Bucket
		n      *int
		keep   func(store.Record) bool
	}{
		{store.Answers, &n.Answers, answer}, {store.Judgments, &n.Judgments, judgment},
		{store.Verdicts, &n.Verdicts, judgment}, {store.Failures, &n.Failures, failure},
	} {
		if err := p.drop(ctx, part.bucket, store.Prefix(bytes.Clone(s.Prompt[:])), part.n, part.keep); err != nil {
			return err
		}
	}
	return nil
}

// lists reports whether a record of the Datasets bucket belongs to a listing of the file.
func (a *Arena) lists(all []listing, rec store.Record) bool {
	if len(rec.Key) < 1+idSize {
		return false
	}
	for _, l := range all {
		id := l.Version
		if rec.Key[0] == kindManifest {
			id, _ = specID(a.Config.Datasets[l.dataset])
		}
		if bytes.Equal(rec.Key[1:1+idSize], id[:]) {
			return true
		}
	}
	return false
}

// drop deletes the records of a range that keep does not keep.
func (p *pruner) drop(ctx context.Context, bk store.Bucket, r store.Range, n *int, keep func(store.Record) bool) error {
	for rec, err := range p.store.Scan(ctx, bk, r, store.KeyOnly) {
		if err != nil {
			return err
		}
		if keep != nil && keep(rec) {
			continue
		}
		*n++
		if p.dry {
			continue
		}
		p.batch.Delete(bk, bytes.Clone(rec.Key))
		if p.n++; p.n%syncBatch == 0 {
			if err := p.flush(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *pruner) flush(ctx context.Context) error {
	_, err := p.store.Apply(ctx, &p.batch)
	p.batch = store.Batch{}
	return err
}
