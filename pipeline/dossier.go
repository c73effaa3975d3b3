package pipeline

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"openarena/configs"
	"openarena/pipeline/columns"
	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// Dossier is all that an arena knows of one prompt: what `show` prints and pages show.
type Dossier struct {
	Prompt   Hash
	Messages []providers.Message
	Listed   []Listed  // by each dataset of the file that has it; the first one's category and reference count
	Answers  []Answer  // that are wanted, there or not: in file order of the models, then samples
	Battles  []Meeting // in key order
}

// Listed is the place of a prompt in a dataset.
type Listed struct {
	Dataset, Category string
	Row               int    // from 0
	Reference         string // "": none
}

// RowNumber counts rows from 1, as people do.
func (l Listed) RowNumber() int { return l.Row + 1 }

// Answer is what one contestant made of a prompt.
type Answer struct {
	Side
	*Contestant
	Said *Said // nil: nothing, see Loss
	File bool  // it came from a file: no call, no tokens
	Loss *Loss // why it is missing; nil: it is there, or was not asked for yet
}

// Said is one reply of a model with what it took.
type Said struct {
	Text, Reasoning, Refusal string // none where they were not asked for
	Served                   string // the model that the server named
	Finish                   string // one of providers.Finish…
	Usage                    providers.Usage
	Cost                     *float64      // in US dollars, at today's price; nil: unknown
	Took                     time.Duration // 0: not known
	Repaired                 bool          // invalid UTF-8 was replaced
	digest                   Digest
}

// Loss says why something is missing.
type Loss struct {
	Permanent       bool // false: the next run tries again
	Reason, Message string
	Tries           int
}

// Meeting is a battle with what was said of it. A comes before B in the file.
type Meeting struct {
	A, B      int             // places in Answers
	Identical bool            // both texts are the same
	Outcome   columns.Outcome // as ratings count it
	Level     float64         // +2 … -2, for A; without meaning unless the outcome is decided
	Divided   bool            // the judges are, half and half: the outcome is a tie
	Open      bool            // somebody has not said all yet
	Opinions  []Opinion       // of all judges that were asked
	Votes     []Ballot        // of people, where they were asked for
}

// Ballot is what one person says of a battle.
type Ballot struct {
	Voter   string
	Says    columns.Outcome // WonByA, WonByB or Tied
	BothBad bool            // of a tie: neither answer is any good
}

// Opinion is what one judge says of a battle, over all it was asked.
type Opinion struct {
	*Judge
	Weight   float64 // that it has in the outcome, if it is heard
	Heard    bool    // it has its part in the outcome
	StandsIn bool    // it is a replacement
	Level    float64 // the mean over the orders, +2 … -2, for A; without meaning where Valid is 0
	Valid    int     // verdicts that say something
	Verdicts []Ruling
}

// Ruling is one judgment: the verdict in the order of presentation, and how it came about.
type Ruling struct {
	First, Second int // places in Answers; the same of an answer that was judged alone
	Order, Repeat uint8
	There         bool // else it is owed, or Loss says why it will not come
	Loss          *Loss
	judge.Verdict
	Parser   int    // the version that read it
	Calls    int    // replies it took; 0: none was needed
	Attempts []Said // the replies, where they were asked for
	Halves   []Ruling
	key      VerdictKey
}

// Reading says what a dossier holds.
type Reading struct {
	Sides []Side // battles between these alone, and the texts of these answers alone; nil: all
	Texts bool   // those of answers, and what judges said: explanations and replies
	Votes bool
}

// Dossier reads what there is of a prompt. A prompt that no dataset of the file lists is an error.
func (v *View) Dossier(ctx context.Context, h Hash, want Reading) (*Dossier, error) {
	w, in, err := v.arena.locate(ctx, v.reader, v.listings, h)
	if err != nil {
		return nil, err
	}
	messages, err := readPrompt(ctx, v.reader, h)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("prompt %s: %w", h, ErrNoPrompt)
	}
	if err != nil {
		return nil, err
	}
	if !in {
		return nil, fmt.Errorf("prompt %s is in the database, but %w", h, ErrUnlisted)
	}
	d := &Dossier{Prompt: h, Messages: messages}
	if d.Listed, err = v.listed(ctx, h); err != nil {
		return nil, err
	}
	c := clerk{View: v, ctx: ctx, Reading: want, dossier: d}
	if c.sheet, err = c.read(w); err != nil {
		return nil, err
	}
	if err := c.answers(); err != nil {
		return nil, err
	}
	return d, c.battles()
}

// Why there is no dossier.
var (
	ErrNoPrompt = errors.New("the database has no prompt of that hash")
	ErrUnlisted = errors.New("no dataset of the file lists it any more")
	ErrUnwanted = errors.New("the file has no such model any more, or asks it for fewer answers")
)

// listed are the places of a prompt.
func (v *View) listed(ctx context.Context, h Hash) (all []Listed, err error) {
	sets := partition{arena: v.arena}
	for _, l := range v.listings {
		w := wanted{Prompt: h, Dataset: l.dataset}
		err := w.read(ctx, v.reader, l.Version)
		if errors.Is(err, store.ErrNotFound) || err == nil && v.arena.Trial.Limit > 0 && w.Row >= v.arena.Trial.Limit {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Listed{sets.label(l.dataset), w.Category, w.Row, w.Reference})
	}
	return all, nil
}

// clerk fills a dossier.
type clerk struct {
	*View
	Reading
	ctx     context.Context
	dossier *Dossier
	sheet   *sheet
}

// read is what there is of a prompt, the texts of answers only as far as they are wanted.
func (c *clerk) read(w wanted) (*sheet, error) {
	s := newSheet(w.Prompt)
	s.wanted = w
	return s, c.fill(c.ctx, s, store.WithMeta) // texts are read of those that are wanted
}

// answers takes in the answers that are wanted.
func (c *clerk) answers() error {
	for i := range c.arena.Contestants {
		of := &c.arena.Contestants[i]
		for k := range of.Samples {
			a, err := c.answer(of, Side{of.ID, uint16(k)})
			if err != nil {
				return err
			}
			c.dossier.Answers = append(c.dossier.Answers, a)
		}
	}
	return nil
}

func (c *clerk) answer(of *Contestant, side Side) (Answer, error) {
	a := Answer{Side: side, Contestant: of}
	key := AnswerKey{c.sheet.Prompt, side.Contestant, side.Sample}
	if _, there := c.sheet.answer(side); !there {
		a.Loss = c.loss(key.bytes)
		return a, nil
	}
	want := store.WithMeta
	if c.Texts && (c.Sides == nil || slices.Contains(c.Sides, side)) {
		want = store.WithBody
	}
	rec, err := c.reader.Get(c.ctx, store.Answers, key.bytes(), want)
	if err != nil {
		return a, err
	}
	r, err := parseReply(rec.Meta, rec.Body)
	a.Said, a.File = newSaid(r, of.Model), r.Flags&flagFile != 0
	return a, err
}

func newSaid(r reply, m configs.Model) *Said {
	s := &Said{
		Text: r.Text, Reasoning: r.Reasoning, Refusal: r.Refusal, Served: r.Model, Finish: r.Finish, Usage: r.Usage,
		Took: time.Duration(r.Took) * time.Millisecond, Repaired: r.Flags&flagRepaired != 0, digest: r.Digest,
	}
	if m.Price != nil && r.Flags&flagFile == 0 {
		usd := tokenCost(*m.Price, r.Usage)
		s.Cost = &usd
	}
	return s
}

// loss is why an answer or a judgment is missing; nil: it is not, or is owed.
func (c *clerk) loss(key func() []byte) *Loss {
	f, failed := c.sheet.failure(key)
	if !failed {
		return nil
	}
	return &Loss{f.Permanent, f.Reason, f.Message, int(f.Tries)}
}

// place is where an answer stands in the dossier.
func (c *clerk) place(of Side) int {
	return slices.IndexFunc(c.dossier.Answers, func(a Answer) bool { return a.Side == of })
}

// Answer is the one of a side. A side that the file does not want is an error.
func (d *Dossier) Answer(of Side) (*Answer, error) {
	for i := range d.Answers {
		if d.Answers[i].Side == of {
			return &d.Answers[i], nil
		}
	}
	return nil, fmt.Errorf("answer %s: %w", of, ErrUnwanted)
}

// Label names an answer among others: the model, with the sample where there are several.
func (a *Answer) Label() string {
	if a.Samples > 1 {
		return fmt.Sprintf("%s, sample %d", a.Name, a.Sample+1)
	}
	return a.Name
}

// Rulings yields the verdicts that are there, but for those that were asked for twice: battle by battle, judge by judge.
func (d *Dossier) Rulings() iter.Seq2[*Opinion, *Ruling] {
	return func(yield func(*Opinion, *Ruling) bool) {
		for i := range d.Battles {
			for k := range d.Battles[i].Opinions {
				o := &d.Battles[i].Opinions[k]
				for n := range o.Verdicts {
					if r := &o.Verdicts[n]; r.There && r.Repeat == 0 && !yield(o, r) {
						return
					}
				}
			}
		}
	}
}
