package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"openarena/store"
)

// shelf is a Pager over records in memory, in order. Pages end after so many bytes.
type shelf struct {
	records []store.Record
	bad     string // the key of a record that cannot be read
	bytes   int
	pages   int // read so far
	fails   int // the page that cannot be read; 0: none
	store.Reader
}

var errPage = errors.New("no such page")

func (s *shelf) ReadPage(_ context.Context, p *store.Page, _ store.Bucket, r store.Range, _ store.Fields, n int) error {
	if s.pages++; s.pages == s.fails {
		return errPage
	}
	for _, rec := range s.records {
		if bytes.Compare(rec.Key, r.From) < 0 || r.To != nil && bytes.Compare(rec.Key, r.To) >= 0 {
			continue
		}
		if n == 0 || p.Bytes() >= s.bytes {
			p.More()
			return nil
		}
		n--
		if string(rec.Key) == s.bad {
			p.AddBad(&store.RecordError{Bucket: store.Answers, Key: rec.Key, What: "rotten"})
			continue
		}
		copied := store.Record{Key: bytes.Clone(rec.Key), Meta: bytes.Clone(rec.Meta), Body: bytes.Clone(rec.Body)}
		p.Add(copied)
		clear(copied.Key) // a page has memory of its own
		clear(copied.Body)
	}
	return nil
}

func newShelf(n int) *shelf {
	s := &shelf{bytes: 20_000}
	for i := range n {
		key := fmt.Appendf(nil, "%05d", i)
		s.records = append(s.records, store.Record{Key: key, Meta: key, Body: bytes.Repeat(key, i%700)})
	}
	return s
}

// A store that reads page by page is walked and scanned as any other: every record once, in order and whole, a bad one as its
// error, and nothing behind a page that fails.
func TestPager(t *testing.T) {
	const n = 1000
	for _, c := range []struct {
		why        string
		change     func(*shelf)
		r          store.Range
		want, bads int
		err        error
	}{
		{"all", func(*shelf) {}, store.Range{}, n, 0, nil},
		{"a part", func(*shelf) {}, store.Range{From: []byte("00010"), To: []byte("00900")}, 890, 0, nil},
		{"nothing", func(*shelf) {}, store.Range{From: []byte("x")}, 0, 0, nil},
		{"a bad record", func(s *shelf) { s.bad = "00700" }, store.Range{}, n - 1, 1, nil},
		{"pages of one record", func(s *shelf) { s.bytes = 1 }, store.Range{To: []byte("00200")}, 200, 0, nil},
		{"a page that fails", func(s *shelf) { s.fails = 2 }, store.Range{}, 16, 0, errPage},
	} {
		for how, scan := range map[string]func(*shelf, func(store.Record, error)){
			"ScanPages": func(s *shelf, see func(store.Record, error)) {
				for rec, err := range store.ScanPages(t.Context(), s, store.Answers, c.r, store.WithBody) {
					see(rec, err)
				}
			},
			"Walk": func(s *shelf, see func(store.Record, error)) {
				w := store.Walk(t.Context(), s, store.Answers, c.r, store.WithBody)
				defer w.Close()
				for {
					rec, err := w.Next()
					if rec == nil && err == nil {
						return
					}
					if rec == nil {
						rec = &store.Record{}
					}
					see(*rec, err)
				}
			},
		} {
			s := newShelf(n)
			c.change(s)
			got, bads := 0, 0
			var failed error
			var last []byte
			scan(s, func(rec store.Record, err error) {
				var bad *store.RecordError
				switch {
				case errors.As(err, &bad):
					bads++
				case err != nil:
					failed = err
				default:
					i, err := strconv.Atoi(string(rec.Key))
					if err != nil || !bytes.Equal(rec.Body, bytes.Repeat(rec.Meta, i%700)) || !bytes.Equal(rec.Meta, rec.Key) || bytes.Compare(last, rec.Key) >= 0 {
						t.Errorf("%s: %s yields %q with a body of %d bytes behind %q", c.why, how, rec.Key, len(rec.Body), last)
					}
					last = bytes.Clone(rec.Key)
					got++
				}
			})
			if got != c.want || bads != c.bads || !errors.Is(failed, c.err) {
				t.Errorf("%s: %s yields %d records, %d bad ones and %v; want %d, %d and %v", c.why, how, got, bads, failed, c.want, c.bads, c.err)
			}
		}
	}
}

// What is sealed opens under its own bucket and key alone, and only as it was.
func TestSealed(t *testing.T) {
	key, text := []byte("key"), []byte("some text")
	meta := store.SealMeta(nil, store.Answers, key, text, true)
	body := store.SealBody(nil, store.Answers, key, text)
	if got, has, err := store.OpenMeta(store.Answers, key, meta); err != nil || !has || !bytes.Equal(got, text) {
		t.Errorf("OpenMeta() = %q, %v, %v", got, has, err)
	}
	if got, err := store.OpenBody(store.Answers, key, body); err != nil || !bytes.Equal(got, text) {
		t.Errorf("OpenBody() = %q, %v", got, err)
	}
	if len(meta) != len(text)+store.SealSize || len(body) != len(text)+store.SealSize {
		t.Errorf("sealed are %d and %d bytes; want %d more than %d", len(meta), len(body), store.SealSize, len(text))
	}
	refused := func(why string, bk store.Bucket, key, meta, body []byte) {
		t.Helper()
		var bad *store.RecordError
		if _, _, err := store.OpenMeta(bk, key, meta); !errors.As(err, &bad) {
			t.Errorf("%s: OpenMeta() = %v; want a *RecordError", why, err)
		}
		if _, err := store.OpenBody(bk, key, body); !errors.As(err, &bad) {
			t.Errorf("%s: OpenBody() = %v; want a *RecordError", why, err)
		}
	}
	refused("another bucket", store.Verdicts, key, meta, body)
	refused("another key", store.Answers, []byte("kez"), meta, body)
	refused("each for the other", store.Answers, key, body, meta)
	refused("missing", store.Answers, key, nil, nil)
	refused("cut short", store.Answers, key, meta[:5], body[:5])
	for i := range meta {
		m, b := bytes.Clone(meta), bytes.Clone(body)
		m[i] ^= 1
		b[i] ^= 1
		refused(fmt.Sprintf("a bit of byte %d", i), store.Answers, key, m, b)
	}
}
