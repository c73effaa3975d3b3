package pipeline

import (
	"context"
	"errors"

	"openarena/pipeline/columns"
	"openarena/pipeline/judge"
	"openarena/store"
)

// Columns reads every battle that the present file wants and whose two answers are there, with what was said of it. It
// reads no texts, and walks once in the order of keys.
func (a *Arena) Columns(ctx context.Context, r store.Reader) (*columns.Table, error) {
	all, err := a.listings(ctx, r)
	if err != nil && !errors.Is(err, errNotRead) {
		return nil, err
	}
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	t, err := newTabulator(p)
	if err != nil {
		return nil, err
	}
	box := newVoteBox(ctx, r)
	defer box.close()
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything, verdicts: metas, failures: true}) {
		if err != nil {
			return nil, err
		}
		votes, err := box.of(&s.Prompt)
		if err != nil {
			return nil, err
		}
		if err := t.see(s, votes); err != nil {
			return nil, err
		}
	}
	return t.table.Table(), nil
}

// columnNames say what the numbers of a table of columns stand for.
func (a *Arena) columnNames() (n columns.Names) {
	for _, c := range a.Contestants {
		n.Models = append(n.Models, columns.Model{Name: c.Name, ID: c.ID})
	}
	for _, j := range a.Judges {
		n.Judges = append(n.Judges, j.Name)
	}
	sets := partition{arena: a}
	for i := range a.Config.Datasets {
		n.Datasets = append(n.Datasets, sets.label(i))
	}
	return n
}

// tabulator puts battles into columns, sheet by sheet.
type tabulator struct {
	pairing *pairing
	table   *columns.Builder
	voices  []opinion      // of the battle at hand
	row     columns.Battle // at hand
}

func newTabulator(p *pairing) (*tabulator, error) {
	b, err := columns.NewBuilder(p.arena.columnNames())
	return &tabulator{pairing: p, table: b}, err
}

func (t *tabulator) see(s *sheet, votes []vote) error {
	t.table.Prompt(columns.Prompt{Hash: s.Prompt, Dataset: s.Dataset, Row: s.Row, Category: s.Category})
	for _, pair := range t.pairing.of(s.Prompt) {
		x, y := s.both(pair)
		if x == nil {
			continue
		}
		t.row = columns.Battle{A: t.side(pair.A), B: t.side(pair.B), Verdicts: t.row.Verdicts[:0]}
		t.hear(s, pair)
		t.list(s, pair, x, y)
		t.row.People = people(votesOn(votes, x.Digest, y.Digest), x.Digest)
		if err := t.table.Battle(&t.row); err != nil {
			return err
		}
	}
	return nil
}

func (t *tabulator) side(of Side) columns.Side {
	return columns.Side{Model: t.pairing.arena.byID[of.Contestant].Place, Sample: int(of.Sample)}
}

// hear decides the battle as ratings do, and says how far its judges agree.
func (t *tabulator) hear(s *sheet, pair battle) {
	var open bool
	t.voices, _, open = t.pairing.voices(s, pair, t.voices[:0])
	m := t.pairing.panel.decide(t.voices, open)
	t.row.Outcome, t.row.Level, t.row.Divided = outcomeOf(m), m.level, m.even
	all := t.voices
	if t.pairing.panel.grows {
		all = t.pairing.opinions(s, pair)
	}
	least, most, side, n := 2.0, -2.0, 0, 0
	for i := range all {
		o := &all[i]
		if o.valid == 0 {
			continue
		}
		if n++; n > 1 && o.side() != side {
			t.row.Disagree = true
		}
		least, most, side = min(least, o.level), max(most, o.level), o.side()
	}
	t.row.Spread = max(0, most-least)
}

// outcomeOf is how ratings count a battle.
func outcomeOf(m margins) columns.Outcome {
	switch {
	case m.weight == 0 && m.waits:
		return columns.Waiting
	case m.weight == 0 && m.few:
		return columns.TooFew
	case m.weight == 0:
		return columns.Undecided
	case m.level > 0:
		return columns.WonByA
	case m.level < 0:
		return columns.WonByB
	}
	return columns.Tied
}

// list puts down what was said of the battle.
func (t *tabulator) list(s *sheet, pair battle, x, y *given) {
	both := texts(x.Digest, y.Digest)
	for _, w := range t.pairing.judgments(s, pair) {
		if w.judge.alone {
			if v, of := w.derived(s, x, y); of[0].there && of[1].there {
				t.add(w, &v)
			}
			continue
		}
		if v, ok := s.verdict(w.key(&s.wanted, pair, both)); ok {
			t.add(w, v)
		}
	}
}

func (t *tabulator) add(w asked, v *verdict) {
	said := columns.Verdict{
		Judge: w.judge.Place, Order: w.order, Again: w.repeat > 0, Derived: w.judge.alone, Trivial: v.Attempts == 0,
		State: columns.State(v.State), Level: v.Level,
	}
	if w.judge.alone {
		said.Order = 0
	}
	if said.Order == 1 {
		said.Level = -said.Level
	}
	for i := range t.voices {
		said.Heard = said.Heard || t.voices[i].judge == w.judge && t.voices[i].heard && !said.Again && v.State != judge.Invalid
	}
	for _, f := range v.Flags {
		said.Flags |= t.table.Flag(f)
	}
	t.row.Verdicts = append(t.row.Verdicts, said)
}

// people is what most voters say of the answer whose text is first.
func people(votes []vote, first Digest) columns.Outcome {
	if len(votes) == 0 {
		return columns.Undecided
	}
	var said ballots
	for _, v := range votes {
		c := v.Choice
		if v.voteSubject.First != first {
			c = c.flipped()
		}
		said[c]++
	}
	return [...]columns.Outcome{columns.Tied, columns.WonByA, columns.WonByB}[said.majority()]
}

// LastWords is the last message of a prompt, which is what its models answer.
func LastWords(ctx context.Context, r store.Reader, h Hash) (string, error) {
	messages, err := readPrompt(ctx, r, h)
	if err != nil || len(messages) == 0 {
		return "", err
	}
	return messages[len(messages)-1].Content, nil
}
