package pipeline

import (
	"context"

	"openarena/pipeline/agreement"
	"openarena/store"
)

// readLatencies adds how long the calls of each judge took, whatever they were about: as the books have it.
func (rep *JudgeReport) readLatencies(ctx context.Context, r store.Reader, a *Arena) error {
	took := make([]agreement.Histogram, len(a.Judges))
	for rec, err := range r.Scan(ctx, store.Judgments, store.Range{}, store.WithMeta) {
		if err != nil {
			return err
		}
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		if err != nil {
			return err
		}
		j := a.judge(key.Judge)
		if j == nil {
			continue
		}
		said, err := parseReply(rec.Meta, nil)
		if err != nil {
			return err
		}
		if said.Took > 0 {
			took[j.Place].Add(float64(said.Took))
		}
	}
	for i := range took {
		rep.Judges[i].Latency = latency(&took[i])
	}
	return nil
}

func latency(took *agreement.Histogram) Latency {
	l := Latency{N: took.N()}
	if p50, ok := took.Percentile(0.5); ok {
		p95, _ := took.Percentile(0.95)
		l.P50, l.P95 = &p50, &p95
	}
	return l
}
