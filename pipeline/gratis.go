package pipeline

import (
	"context"

	"openarena/pipeline/judge"
	"openarena/store"
)

// gratis counts judgments that are missing and take no call: the answers speak for themselves, or the judge's words are
// there and were not read yet.
type gratis struct {
	*census
	reader   store.Reader
	listings []listing
	settled  []int64 // by place of the judge

	prompt Hash // the one whose texts and words are held
	texts  map[Side]string
	words  map[VerdictKey]bool
}

func newGratis(c *census, r store.Reader, all []listing) *gratis {
	return &gratis{census: c, reader: r, listings: all, settled: make([]int64, len(c.arena.Judges))}
}

func (g *gratis) see(ctx context.Context, s *sheet) error {
	for _, b := range g.pairing.of(s.Prompt) {
		if g.forfeits(s, b.A, b.B) || g.forfeits(s, b.B, b.A) {
			for _, w := range g.pairing.judgments(s, b) {
				if !w.judge.alone { // else each answer is judged, or forfeits, by itself
					g.settled[w.judge.Place]++
				}
			}
		}
	}
	for key, w := range g.pairing.askable(s) {
		f, _ := s.failure(key.bytes)
		if _, done := s.verdict(key); done || f.Permanent {
			continue
		}
		if err := g.turnTo(ctx, s.Prompt); err != nil {
			return err
		}
		free, err := g.takesNoCall(ctx, key, w.judge)
		if err != nil {
			return err
		}
		if free {
			g.settled[w.judge.Place]++
		}
	}
	return nil
}

// nothingSaid is the digest of an empty answer.
var nothingSaid = sum[Digest](nil)

// forfeits reports whether an answer that is there loses to one that is still to come, whatever that will be.
func (g *gratis) forfeits(s *sheet, there, toCome Side) bool {
	answer, ok := s.answer(there)
	_, came := s.answer(toCome)
	return ok && !came && answer.Digest == nothingSaid && !g.arena.absent(toCome, false) && !s.gaveUp(toCome)
}

// turnTo reads what there is of a prompt, once.
func (g *gratis) turnTo(ctx context.Context, h Hash) error {
	if g.texts != nil && g.prompt == h {
		return nil
	}
	g.prompt, g.texts, g.words = h, map[Side]string{}, map[VerdictKey]bool{}
	for rec, err := range g.reader.Scan(ctx, store.Answers, store.Prefix(h[:]), store.WithBody) {
		if err != nil {
			return err
		}
		key, err := parseAnswerKey(rec.Key)
		if err != nil {
			return err
		}
		answer, err := parseReply(rec.Meta, rec.Body)
		if err != nil {
			return err
		}
		g.texts[Side{key.Contestant, key.Sample}] = answer.Text
	}
	for rec, err := range g.reader.Scan(ctx, store.Judgments, store.Prefix(h[:]), store.KeyOnly) {
		if err != nil {
			return err
		}
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		if err != nil {
			return err
		}
		g.words[key] = true
	}
	return nil
}

// takesNoCall is what the judge would find out before it asks.
func (g *gratis) takesNoCall(ctx context.Context, key VerdictKey, j *Judge) (bool, error) {
	shown := exchange{Case: judge.Case{First: g.texts[key.A], Second: g.texts[key.B]}}
	if _, ok := shown.trivial(key); ok || !g.words[key] {
		return ok, nil
	}
	x, err := g.arena.exchange(ctx, &library{store: g.reader}, g.listings, key)
	if err != nil {
		return false, err
	}
	_, again := judge.Next(j.verdicts(x), j.Reask)
	return !again, nil
}
