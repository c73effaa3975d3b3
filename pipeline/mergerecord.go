package pipeline

import (
	"bytes"
	"context"
	"errors"
	"openarena/store"
)

// record merges one record of the source; old is what is there under its key, nil if nothing is.
func (m *merger) record(ctx context.Context, bk store.Bucket, rec store.Record, old *store.Record) error {
	switch bk {
	case store.Failures:
		return m.failure(ctx, rec, old)
	case store.Judgments, store.Verdicts:
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		if err != nil {
			return err
		}
		if bk == store.Verdicts && m.orphaned(key) {
			m.report.Uncounted++
		}
		if m.spoken[key] { // an attempt before this one, or what the verdict is of, has lost
			m.of(bk).Conflicts++
			return nil
		}
	}
	if old == nil {
		m.load.PutOnce(bk, rec)
		return nil
	}
	return m.met(bk, rec, *old)
}

// met books a record whose key is taken.
func (m *merger) met(bk store.Bucket, rec, old store.Record) error {
	if equal, err := same(bk, rec, old); err != nil || equal {
		m.of(bk).There++
		return err
	}
	m.of(bk).Conflicts++
	switch bk {
	case store.Answers:
		key, err := parseAnswerKey(rec.Key)
		m.lost[key] = true
		return err
	case store.Judgments:
		key, err := parseVerdictKey(rec.Key[:min(len(rec.Key), verdictSize)])
		m.spoken[key] = true
		return err
	}
	return nil
}

// orphaned reports whether a verdict of the source is of a text that lost.
func (m *merger) orphaned(k VerdictKey) bool {
	if len(m.lost) == 0 {
		return false
	}
	return m.lost[AnswerKey{k.Prompt, k.A.Contestant, k.A.Sample}] || m.lost[AnswerKey{k.Prompt, k.B.Contestant, k.B.Sample}]
}

// same reports whether two records under one key say the same. How long a reply took is no difference.
func same(bk store.Bucket, a, b store.Record) (bool, error) {
	switch {
	case bk == store.Answers || bk == store.Judgments:
		x, _, err := parseHead(a.Meta)
		if err != nil {
			return false, err
		}
		y, _, err := parseHead(b.Meta)
		return x == y, err
	case bk == store.Datasets && len(a.Key) > 0 && a.Key[0] == kindManifest:
		return bytes.Equal(a.Meta, b.Meta), nil // files have other dates on every machine
	case bk == store.Prompts:
		return true, nil // the key is all of it
	case bk == store.Meta:
		return true, nil // what a machine has learnt: one is as good as the other
	}
	return bytes.Equal(a.Meta, b.Meta) && bytes.Equal(a.Body, b.Body), nil
}

// failure merges one: it is of no use where the work is done, and one for good stands above one that is tried again.
func (m *merger) failure(ctx context.Context, rec store.Record, old *store.Record) error {
	done, err := m.done(ctx, rec.Key)
	if err != nil {
		return err
	}
	if done {
		m.report.Settled++
		return nil
	}
	if old == nil {
		m.load.PutOnce(store.Failures, rec)
		return nil
	}
	if equal, _ := same(store.Failures, rec, *old); equal {
		m.of(store.Failures).There++
		return nil
	}
	m.of(store.Failures).Conflicts++
	mine, err := parseFailure(rec.Meta, nil)
	if err != nil {
		return err
	}
	theirs, err := parseFailure(old.Meta, nil)
	if err == nil && mine.Permanent && !theirs.Permanent {
		m.load.Put(store.Failures, rec)
	}
	return err
}

// done reports whether the store has what a failure is about.
func (m *merger) done(ctx context.Context, key []byte) (bool, error) {
	bk := store.Answers
	if len(key) == verdictSize {
		bk = store.Verdicts
	}
	_, err := m.to.Get(ctx, bk, key, store.KeyOnly)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// settle removes the failures of what a later source had done.
func (m *merger) settle(ctx context.Context) error {
	for rec, err := range m.to.Scan(ctx, store.Failures, store.Range{}, store.KeyOnly) {
		done := false
		if err == nil {
			done, err = m.done(ctx, rec.Key)
		}
		if done {
			m.report.Settled++
			m.load.Delete(store.Failures, rec.Key)
			err = m.load.Spill(ctx)
		}
		if err != nil {
			m.load.Abandon()
			return err
		}
	}
	return m.load.Flush(ctx)
}

// races looks at records that somebody else wrote at the same time: a living worker.
func (m *merger) races(ctx context.Context) error {
	for _, o := range m.raced {
		old, err := m.to.Get(ctx, o.Bucket, o.Key, store.WithBody)
		if errors.Is(err, store.ErrNotFound) { // and removed it again
			continue
		}
		if err == nil {
			err = m.met(o.Bucket, store.Record{Key: o.Key, Meta: o.Meta, Body: o.Body}, old)
		}
		if err != nil {
			return err
		}
	}
	m.raced = nil
	return nil
}
