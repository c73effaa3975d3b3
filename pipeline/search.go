package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"openarena/pipeline/columns"
	"openarena/pipeline/find"
	"openarena/providers"
	"openarena/store"
)

// SearchIn says which texts are looked into.
type SearchIn struct{ Prompts, Answers, Explanations bool }

// Hit is a text in which something was found.
type Hit struct {
	Row                  int    // of the table: the first battle of the selection that the text belongs to
	More                 int    // further ones
	Where                string // prompt, answer or explanation
	Who                  string // the model or judge; "" for a prompt
	Before, Match, After string // what was found, with some words around it
}

// Search looks for a text in what belongs to battles of a selection, prompt by prompt in the order of their hashes. It looks a
// while and goes on where it was, with a reader of another state if need be: nothing has to stay open between two looks. It is
// for one goroutine.
type Search struct {
	arena    *Arena
	table    *columns.Table
	subjects *columns.Subjects
	finder   *find.Finder
	in       SearchIn
	at       int // the place of the next prompt
	looked   int // prompts
	done     bool
}

// NewSearch searches from the prompt with a hash on; the zero hash is before all.
func (a *Arena) NewSearch(t *columns.Table, s *columns.Selection, text string, in SearchIn, from Hash) *Search {
	f := &Search{arena: a, table: t, subjects: s.Subjects(), finder: find.New(text), in: in}
	end := t.PlaceOf(columns.Hash(from))
	for f.next(); !f.done && f.at < end; f.next() {
		f.at++
		f.looked++
	}
	return f
}

// next moves to the next prompt that is wanted.
func (f *Search) next() {
	at, ok := f.subjects.Next(f.at)
	f.at, f.done = at, !ok
}

// Done reports whether all was looked at.
func (f *Search) Done() bool { return f.done }

// At is the hash of the prompt at which the search goes on.
func (f *Search) At() Hash {
	if f.done {
		return Hash{}
	}
	return Hash(f.table.HashOf(f.at))
}

// Progress is how many prompts were looked at, and of how many.
func (f *Search) Progress() (looked, of int) { return f.looked, f.subjects.Len() }

// How many prompts a core looks at in one go: few at first, so that the first hits come soon.
const (
	leastGo = 16
	mostGo  = 256
)

// Look searches until all was looked at or enough says so, which is asked now and then. After an error the next look begins with
// the first prompt of which nothing was told.
func (f *Search) Look(ctx context.Context, r store.Reader, hit func(Hit), enough func() bool) error {
	for size := leastGo; !f.done && !enough(); size = min(2*size, mostGo) {
		at, done := f.at, f.done
		var parts []*dig
		for range min(runtime.GOMAXPROCS(0), 4) {
			if d := f.dig(size); len(d.places) > 0 {
				parts = append(parts, d)
			}
		}
		var digging sync.WaitGroup
		for _, d := range parts {
			digging.Go(func() { d.err = d.look(ctx, r) })
		}
		digging.Wait()
		for _, d := range parts {
			if d.err != nil {
				f.at, f.done = at, done
				return d.err
			}
		}
		for _, d := range parts {
			for _, h := range d.hits {
				hit(h)
			}
			f.looked += len(d.places)
		}
	}
	return ctx.Err()
}

// dig is some prompts that one core looks at.
type dig struct {
	*Search
	finder  *find.Finder // of its own
	places  []int
	spread  bool // they lie far apart: what is between them is not to be read
	hits    []Hit
	err     error
	rows    []int           // of the prompt at hand
	digests map[Side]Digest // of its answers
	last    rawVerdictKey   // of the reply that was looked at last
	pending *Hit            // in it, unless there was another attempt
}

// dig takes the next prompts.
func (f *Search) dig(size int) *dig {
	d := &dig{Search: f, finder: f.finder.Clone(), digests: map[Side]Digest{}}
	for ; !f.done && len(d.places) < size; f.next() {
		d.places = append(d.places, f.at)
		f.at++
	}
	if n := len(d.places); n > 0 {
		d.spread = d.places[n-1]-d.places[0] > 4*n
	}
	return d
}

func (d *dig) look(ctx context.Context, r store.Reader) error {
	if !d.spread {
		return d.walk(ctx, r, d.places)
	}
	for i := range d.places {
		if err := d.walk(ctx, r, d.places[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// walk looks at prompts and reads what lies between them as well.
func (d *dig) walk(ctx context.Context, r store.Reader, places []int) error {
	part := span{Hash(d.table.HashOf(places[0])), Hash(d.table.HashOf(places[len(places)-1]))}
	prompts, answers, replies := &groups{}, &groups{}, &groups{}
	defer func() { prompts.close(); answers.close(); replies.close() }()
	if d.in.Prompts {
		prompts = newGroups(ctx, r, store.Prompts, part, store.WithBody)
	}
	if d.in.Answers {
		answers = newGroups(ctx, r, store.Answers, part, store.WithBody)
	} else if d.in.Explanations {
		answers = newGroups(ctx, r, store.Answers, part, store.WithMeta)
	}
	if d.in.Explanations {
		replies = newGroups(ctx, r, store.Judgments, part, store.WithBody)
	}
	for _, place := range places {
		d.rows = d.subjects.Rows(place)
		clear(d.digests)
		h := Hash(d.table.HashOf(place))
		for _, of := range []struct {
			*groups
			see func(*store.Record) error
		}{{prompts, d.seePrompt}, {answers, d.seeAnswer}, {replies, d.seeReply}} {
			for of.next(&h) {
				if err := of.see(of.rec); err != nil {
					return err
				}
			}
			if of.err != nil {
				return of.err
			}
		}
		d.flush()
	}
	return nil
}

func (d *dig) seePrompt(rec *store.Record) error {
	// What is escaped in JSON would hide something: such texts are read before they are looked at.
	if !bytes.ContainsRune(rec.Body, '\\') && !d.finder.Has(rec.Body) {
		return nil
	}
	var messages []providers.Message
	if err := json.Unmarshal(rec.Body, &messages); err != nil {
		return errors.Join(errRecord, err)
	}
	for _, m := range messages {
		if h, ok := d.found(m.Content); ok {
			h.Where, h.Row, h.More = "prompt", d.rows[0], len(d.rows)-1
			d.hits = append(d.hits, h)
			break
		}
	}
	return nil
}

func (d *dig) seeAnswer(rec *store.Record) error {
	key, err := parseAnswerKey(rec.Key)
	if err != nil {
		return err
	}
	side := Side{key.Contestant, key.Sample}
	if d.digests[side], _, err = parseHead(rec.Meta); err != nil || !d.in.Answers {
		return err
	}
	row, more := d.with(side)
	if row < 0 || !d.finder.Has(rec.Body) {
		return nil
	}
	r, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return err
	}
	if h, ok := d.found(r.Text); ok {
		h.Where, h.Who, h.Row, h.More = "answer", d.arena.byID[side.Contestant].Name, row, more
		d.hits = append(d.hits, h)
	}
	return nil
}

// with are the wanted battles of an answer: the first, and how many others; -1: there is none.
func (d *dig) with(side Side) (row, more int) {
	row = -1
	for _, one := range d.rows {
		if a, b := d.table.Sides(one); d.is(a, side) || d.is(b, side) {
			if row < 0 {
				row = one
			} else {
				more++
			}
		}
	}
	return row, more
}

func (d *dig) is(s columns.Side, side Side) bool {
	return d.table.Models[s.Model].ID == side.Contestant && s.Sample == int(side.Sample)
}

// seeReply looks at what a judge wrote, in the last attempt at each judgment.
func (d *dig) seeReply(rec *store.Record) error {
	if len(rec.Key) != verdictSize+1 {
		return errKey
	}
	if raw := rawVerdictKey(rec.Key[:verdictSize]); raw != d.last {
		d.flush()
		d.last = raw
	}
	d.pending = nil
	key, err := parseVerdictKey(rec.Key[:verdictSize])
	if err != nil {
		return err
	}
	j := d.arena.judge(key.Judge)
	if j == nil || !j.refers && key.Texts != texts(d.digests[key.A], d.digests[key.B]) {
		return nil // of another file, or about texts that are not there any more
	}
	row, more := d.judged(key)
	if row < 0 || !bytes.ContainsRune(rec.Body, '\\') && !d.finder.Has(rec.Body) {
		return nil
	}
	r, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return err
	}
	if h, ok := d.found(unescaped(r.Text)); ok {
		h.Where, h.Who, h.Row, h.More = "explanation", j.Name, row, more
		d.pending = &h
	}
	return nil
}

// judged are the wanted battles that a judgment is about.
func (d *dig) judged(key VerdictKey) (row, more int) {
	if key.alone() {
		return d.with(key.A)
	}
	for _, one := range d.rows {
		if a, b := d.table.Sides(one); d.is(a, key.A) && d.is(b, key.B) {
			return one, 0
		}
	}
	return -1, 0
}

// flush takes what was found in the last attempt at a judgment.
func (d *dig) flush() {
	if d.pending != nil {
		d.hits = append(d.hits, *d.pending)
		d.pending = nil
	}
}

// unescaped is a reply as people read it: most are JSON, in which quotes and line ends are escaped.
func unescaped(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		before, escape, found := strings.Cut(rest, `\`)
		b.WriteString(before)
		if !found {
			break
		}
		r, n := escaped(escape)
		b.WriteRune(r)
		rest = escape[n:]
	}
	return b.String()
}

// escaped is the letter that stands behind a backslash, and how long that is.
func escaped(text string) (r rune, n int) {
	r, n = utf8.DecodeRuneInString(text)
	switch {
	case n == 0:
		return '\\', 0
	case r == 'n' || r == 't' || r == 'r':
		return ' ', 1
	case r == 'u' && len(text) >= 5:
		var quoted string
		end := 5
		if strings.HasPrefix(text[5:], `\u`) && len(text) >= 11 { // half of a pair
			end = 11
		}
		for ; end >= 5; end -= 6 {
			if json.Unmarshal([]byte(`"\`+text[:end]+`"`), &quoted) == nil && utf8.RuneCountInString(quoted) == 1 {
				r, _ = utf8.DecodeRuneInString(quoted)
				return r, end
			}
		}
	}
	return r, n
}

// How many letters of a text are told around what was found.
const (
	tellBefore = 60
	tellAfter  = 120
)

// found looks into a text.
func (d *dig) found(text string) (h Hit, ok bool) {
	from, to, ok := d.finder.In([]byte(text))
	if !ok {
		return h, false
	}
	start, end := from, to
	for n := 0; n < tellBefore && start > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	for n := 0; n < tellAfter && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	h.Before, h.Match, h.After = oneLine(text[start:from]), oneLine(text[from:to]), oneLine(text[to:end])
	if start > 0 {
		h.Before = "…" + h.Before
	}
	if end < len(text) {
		h.After += "…"
	}
	return h, true
}

// oneLine has spaces in place of line ends and control characters.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
}
