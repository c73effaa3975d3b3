package pipeline

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"openarena/providers"
	"openarena/store"
)

// counted counts what is read.
type counted struct {
	store.Reader
	scans, gets int
}

func (c *counted) Scan(ctx context.Context, bk store.Bucket, r store.Range, want store.Fields) iter.Seq2[store.Record, error] {
	c.scans++
	return c.Reader.Scan(ctx, bk, r, want)
}

func (c *counted) Get(ctx context.Context, bk store.Bucket, key []byte, want store.Fields) (store.Record, error) {
	c.gets++
	return c.Reader.Get(ctx, bk, key, want)
}

// Three models that ask for the same prompts in hash order make one read for every sixteen of them, and find the same
// messages as each read on its own.
func TestLibraryReadsPromptsOnce(t *testing.T) {
	a, db := filled(t, 100, 100)
	all, err := a.listings(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	reader := &counted{Reader: db}
	l := library{store: reader}
	for w, err := range a.wanted(t.Context(), db, all, everything) {
		if err != nil {
			t.Fatal(err)
		}
		want, err := readPrompt(t.Context(), db, w.Prompt)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			got, err := l.prompt(t.Context(), w.Prompt)
			if err != nil || len(got) != 1 || got[0] != want[0] {
				t.Fatalf("prompt(%s) = %v, %v; want %v", w.Prompt, got, err, want)
			}
		}
	}
	if reader.scans != 7 || reader.gets != 0 {
		t.Errorf("100 prompts took %d scans and %d gets; want 7 and none", reader.scans, reader.gets)
	}
	for _, h := range []Hash{{}, everything.to} {
		if _, err := l.prompt(t.Context(), h); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("prompt(%s) = %v; want ErrNotFound", h, err)
		}
	}
}

// Large prompts are read once, too: what is read ahead does not push out what it was read for.
func TestLibraryReadsLargePromptsOnce(t *testing.T) {
	_, db := filled(t, 1, 0)
	b := bulk{store: db}
	body, err := encode([]providers.Message{{Role: "user", Content: strings.Repeat("x", shelfBytes/5)}})
	if err != nil {
		t.Fatal(err)
	}
	const prompts = 8
	for i := range prompts {
		b.put(store.Prompts, slices.Repeat([]byte{byte(i)}, hashSize), nil, body)
	}
	if err := b.flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	reader := &counted{Reader: db}
	l := library{store: reader}
	for i := range prompts {
		for range 3 {
			if _, err := l.prompt(t.Context(), Hash(slices.Repeat([]byte{byte(i)}, hashSize))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if reader.scans > prompts {
		t.Errorf("%d prompts, asked for three times, took %d scans; want no more than one for each", prompts, reader.scans)
	}
}

// An answer is read once, and not at all if the run has just written it.
func TestLibraryKeepsAnswers(t *testing.T) {
	a, db := filled(t, 1, 100)
	reader := &counted{Reader: db}
	l := library{store: reader}
	all, err := a.listings(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for w, err := range a.wanted(t.Context(), db, all, everything) {
		if err != nil {
			t.Fatal(err)
		}
		old := AnswerKey{Prompt: w.Prompt, Contestant: a.Contestants[0].ID}
		for range 2 {
			if text, err := l.answer(t.Context(), old); err != nil || !strings.Contains(text, "It depends") {
				t.Fatalf("answer(%v) = %q, %v", old, text, err)
			}
		}
		fresh := AnswerKey{Prompt: w.Prompt, Contestant: a.Contestants[0].ID, Sample: 7}
		l.note(fresh, "new")
		if text, err := l.answer(t.Context(), fresh); err != nil || text != "new" {
			t.Errorf("answer(%v) = %q, %v; want what was noted", fresh, text, err)
		}
	}
	if reader.gets != 1 {
		t.Errorf("two answers, asked for three times, took %d reads; want 1", reader.gets)
	}
}

// What has been there longest goes, and what is larger than the shelf is not kept.
func TestShelfIsBounded(t *testing.T) {
	var s shelf[int, []providers.Message]
	for i := range 100 {
		s.put(i, nil, shelfBytes/10)
	}
	s.put(100, nil, shelfBytes)
	if s.bytes > shelfBytes || len(s.kept) != len(s.order) {
		t.Errorf("%d bytes and %d values in %d places are kept; want at most %d bytes", s.bytes, len(s.kept), len(s.order), shelfBytes)
	}
	for key, want := range map[int]bool{0: false, 90: false, 91: true, 99: true, 100: false} {
		if _, ok := s.get(key); ok != want {
			t.Errorf("value %d is kept: %t; want %t", key, ok, want)
		}
	}
}
