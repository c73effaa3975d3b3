package pipeline

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"

	"openarena/pipeline/export"
	"openarena/pipeline/judge"
	"openarena/store"
)

// Provenance says what the results of the arena were made from.
func (v *View) Provenance(ctx context.Context) (*export.Provenance, error) {
	settings, err := v.arena.Config.Canonical()
	if err != nil {
		return nil, err
	}
	p := &export.Provenance{Config: settings, ParserVersion: judge.ParserVersion, Judges: []export.JudgeUsed{}, Hashes: v.hashes}
	for _, l := range v.listings {
		label := v.arena.Config.Datasets[l.dataset].PublicLabel()
		p.Datasets = append(p.Datasets, export.DatasetUsed{Label: label, Commit: l.commit(), Fingerprint: l.Fingerprint, Rows: l.Rows, Prompts: l.Prompts})
	}
	for id, j := range v.arena.judgeByID {
		p.Judges = append(p.Judges, export.JudgeUsed{Name: j.Name, Identity: id.String(), Definition: json.RawMessage(v.arena.Config.Masked(string(j.Definition)))})
	}
	slices.SortFunc(p.Judges, func(a, b export.JudgeUsed) int {
		return strings.Compare(a.Name+"\x00"+a.Identity, b.Name+"\x00"+b.Identity)
	})
	return p, nil
}

// hashes yields the hash of each wanted prompt in the order of the datasets and their rows.
func (v *View) hashes(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for i, l := range v.listings {
			for rec, err := range v.reader.Scan(ctx, store.Datasets, store.Prefix(listingKey(kindRow, l.Version, nil)), store.WithMeta) {
				var h Hash
				seen := false
				if err == nil {
					copy(h[:], rec.Meta)
					seen, err = listed(ctx, v.reader, v.listings[:i], h)
				}
				if seen {
					continue
				}
				if !yield(h.String(), err) || err != nil {
					return
				}
			}
		}
	}
}
