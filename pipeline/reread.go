package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"

	"openarena/pipeline/judge"
	"openarena/store"
)

// readByKey is where the database keeps, in Meta, which version of the parser has read all of a judge's verdicts.
func readByKey(judge ID) []byte { return append([]byte{'v'}, judge[:]...) }

// Reread makes those verdicts of the file's judges anew that an older parser read, from their stored replies: nothing is
// asked for. It returns how many. After an error, or a crash, the next call goes on.
//
// The last reply that can be read gives the verdict, else the last of all. A verdict about texts that are not the present
// ones is taken away and its replies stay, so that a run reads them when the texts are back.
func (a *Arena) Reread(ctx context.Context, s store.Store) (int, error) {
	r := a.rereader(s)
	for id := range r.judges {
		rec, err := s.Get(ctx, store.Meta, readByKey(id), store.WithMeta)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return 0, err
		}
		if bytes.Equal(rec.Meta, []byte{judge.ParserVersion}) {
			delete(r.judges, id)
		}
	}
	err := r.run(ctx)
	return r.reread, err
}

// rereader makes verdicts anew.
type rereader struct {
	bulk
	library  library
	arena    *Arena
	listings []listing     // where a judge is shown references
	judges   map[ID]*Judge // whose verdicts may be stale
	current  bool          // read what this version of the parser has read, too
	read     func(k VerdictKey, was, is verdict)
	reread   int
}

func (a *Arena) rereader(s store.Store) *rereader {
	return &rereader{
		bulk: bulk{store: s}, library: library{store: s}, arena: a, judges: maps.Clone(a.judgeByID),
		read: func(VerdictKey, verdict, verdict) {},
	}
}

func (r *rereader) run(ctx context.Context) (err error) {
	if len(r.judges) == 0 {
		return nil
	}
	if r.arena.refers() {
		if r.listings, err = r.arena.listings(ctx, r.store); err != nil {
			return err
		}
	}
	for rec, err := range r.store.Scan(ctx, store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			return err
		}
		if err := r.see(ctx, rec); err != nil {
			return fmt.Errorf("reading a verdict anew: %w", err)
		}
	}
	for id := range r.judges {
		r.put(store.Meta, readByKey(id), []byte{judge.ParserVersion}, nil)
	}
	return r.flush(ctx)
}

// see takes a record of Verdicts.
func (r *rereader) see(ctx context.Context, rec store.Record) error {
	key, err := parseVerdictKey(rec.Key)
	if err != nil {
		return err
	}
	v, err := parseVerdict(rec.Meta)
	j := r.judges[key.Judge]
	stale := v.Parser < judge.ParserVersion || r.current && v.Parser == judge.ParserVersion
	if err != nil || j == nil || !stale || v.Attempts == 0 {
		return err
	}
	x, err := r.arena.exchange(ctx, &r.library, r.listings, key)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && x.texts(key) != key.Texts:
		r.delete(store.Verdicts, key.bytes())
	case err != nil:
		return err
	case len(x.attempts) > 0: // else a repair lost the words; the verdict is all there is
		is := standing(j.verdicts(x))
		if is.Parser != v.Parser || is.differs(v) {
			r.put(store.Verdicts, key.bytes(), is.meta(), nil)
		}
		r.read(key, v, is)
		r.reread++
	}
	return r.spill(ctx)
}

// differs says whether anything but the parser is another than in w.
func (v verdict) differs(w verdict) bool {
	w.Parser = v.Parser
	return !bytes.Equal(v.meta(), w.meta())
}

// standing is what the verdicts of all attempts at one judgment come to.
func standing(past []judge.Verdict) verdict {
	n := len(past)
	for n > 1 && past[n-1].State == judge.Invalid {
		n--
	}
	if past[n-1].State == judge.Invalid {
		n = len(past)
	}
	return verdict{past[n-1], judge.ParserVersion, uint8(n)}
}

// texts is the digest of the texts that the judge was shown.
func (x *exchange) texts(k VerdictKey) Digest {
	first, second := textDigest(x.First), textDigest(x.Second)
	switch {
	case k.alone():
		second = first
	case k.Order == 1:
		first, second = second, first
	}
	both := texts(first, second)
	if x.Reference != "" {
		both = both.with(sum[Digest]([]byte(x.Reference)))
	}
	return both
}
