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
// what was spent was spent. Notes that something was read go before it, and verdicts before the judge's words: wherever it
// dies, nothing that stays leans on what has gone.
func (a *Arena) Prune(ctx context.Context, s store.Store, dry bool) (n Pruned, err error) {
	all, err := a.listings(ctx, s)
	if err != nil {
		return n, err
	}
	// Where pairs are adaptive, judgments outside the batches stay too: the next batch takes them in.
	p := pruner{arena: a, pairing: a.pairing(), bulk: bulk{store: s}, dry: dry, judgments: map[VerdictKey]bool{}}
	if err := p.dropListings(ctx, all, &n); err != nil {
		return n, err
	}
	if err := p.dropBatches(ctx, all); err != nil {
		return n, err
	}
	if err := p.dropWork(ctx, all, &n); err != nil {
		return n, err
	}
	if err := p.drop(ctx, store.Retired, store.Range{}, &n.Retired, nil); err != nil {
		return n, err
	}
	return n, p.bulk.flush(ctx)
}

// pruner walks along the wanted prompts and drops what lies between them, and what they have too much.
type pruner struct {
	arena     *Arena
	pairing   *pairing
	bulk      bulk
	dry       bool
	judgments map[VerdictKey]bool // those wanted of the prompt at hand
}

// dropListings drops the listings of datasets that changed or left the file, and the notes that files of answers were
// read: those may lose answers now, and would not be read again when the file wants them back.
func (p *pruner) dropListings(ctx context.Context, all []listing, n *Pruned) error {
	states := 0 // they are notes, nothing that a user counts
	if err := p.drop(ctx, store.Meta, store.Prefix(fileKey(ID{})[:1]), &states, nil); err != nil {
		return err
	}
	keep := func(rec store.Record) bool { return p.arena.lists(all, rec) }
	return p.drop(ctx, store.Datasets, store.Range{}, &n.Listings, keep)
}

// ledge is one bucket whose keys begin with a prompt's hash, on its way from the first record to the last.
type ledge struct {
	bucket store.Bucket
	keep   func(store.Record) bool // of a wanted prompt
	n      *int                    // of those dropped
	*groups
}

// dropWork drops answers, judgments and failures that nothing in the file wants, and prompts.
func (p *pruner) dropWork(ctx context.Context, all []listing, n *Pruned) error {
	s := p.bulk.store
	ledges := []ledge{
		{bucket: store.Verdicts, keep: p.wantsJudgment, n: &n.Verdicts},
		{bucket: store.Judgments, keep: p.wantsJudgment, n: &n.Judgments},
		{bucket: store.Answers, keep: p.wantsAnswer, n: &n.Answers},
		{bucket: store.Failures, keep: p.wantsFailure, n: &n.Failures},
		{bucket: store.Prompts, keep: func(store.Record) bool { return true }, n: &n.Prompts},
	}
	for i := range ledges {
		ledges[i].groups = newGroups(ctx, s, ledges[i].bucket, everything, store.KeyOnly)
		defer ledges[i].close()
	}
	pass := func(h Hash) error {
		for i := range ledges {
			if err := p.pass(ctx, &ledges[i], h); err != nil {
				return err
			}
		}
		return nil
	}
	for sheet, err := range p.arena.sheets(ctx, s, all, walkOptions{span: everything}) {
		if err != nil {
			return err
		}
		p.turnTo(sheet)
		if err := pass(sheet.Prompt); err != nil {
			return err
		}
	}
	clear(p.judgments)
	return pass(everything.to)
}

// turnTo notes what is wanted of a prompt.
func (p *pruner) turnTo(s *sheet) {
	clear(p.judgments)
	for key := range p.pairing.keys(s, p.pairing.possible) {
		p.judgments[key] = true
	}
}

// pass drops the records before the wanted prompt h, and those of h that are not to be kept.
func (p *pruner) pass(ctx context.Context, l *ledge, h Hash) error {
	for ; l.rec != nil; l.step() {
		c := bytes.Compare(l.rec.Key[:hashSize], h[:])
		if c > 0 {
			return nil
		}
		if c == 0 && l.keep(*l.rec) {
			continue
		}
		if err := p.remove(ctx, l.bucket, *l.rec, l.n); err != nil {
			return err
		}
	}
	return l.err
}

func (p *pruner) wantsAnswer(rec store.Record) bool {
	key, err := parseAnswerKey(rec.Key)
	c := p.arena.contestant(key.Contestant)
	return err == nil && c != nil && int(key.Sample) < c.Samples
}

func (p *pruner) wantsJudgment(rec store.Record) bool {
	key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
	return err == nil && p.judgments[key]
}

func (p *pruner) wantsFailure(rec store.Record) bool {
	return p.wantsAnswer(rec) || p.wantsJudgment(rec)
}

// lists reports whether a record of the Datasets bucket belongs to a listing of the file.
func (a *Arena) lists(all []listing, rec store.Record) bool {
	if len(rec.Key) < 1+idSize {
		return false
	}
	for _, l := range all {
		id := l.Version
		if rec.Key[0] == kindManifest {
			id, _ = a.specID(l.dataset)
		}
		if bytes.Equal(rec.Key[1:1+idSize], id[:]) {
			return true
		}
	}
	return false
}

// drop deletes the records of a range that keep does not keep; nil keeps none.
func (p *pruner) drop(ctx context.Context, bk store.Bucket, r store.Range, n *int, keep func(store.Record) bool) error {
	for rec, err := range p.bulk.store.Scan(ctx, bk, r, store.KeyOnly) {
		if err != nil {
			return err
		}
		if keep != nil && keep(rec) {
			continue
		}
		if err := p.remove(ctx, bk, rec, n); err != nil {
			return err
		}
	}
	return nil
}

func (p *pruner) remove(ctx context.Context, bk store.Bucket, rec store.Record, n *int) error {
	*n++
	if p.dry {
		return nil
	}
	p.bulk.delete(bk, bytes.Clone(rec.Key))
	return p.bulk.spill(ctx)
}
