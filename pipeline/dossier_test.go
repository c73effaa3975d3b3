package pipeline

import (
	"fmt"
	"testing"

	"openarena/pipeline/columns"
	"openarena/pipeline/export"
	"openarena/store"
)

// filed fails unless dossiers hold the outcomes that columns have, and the verdicts that exports have, word for word.
func (m *mixture) filed(t *testing.T, what string, a *Arena, db *store.DB) {
	t.Helper()
	v, err := a.View(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	c := tabulate(t, a, db)
	for p, err := range v.Prompts(t.Context(), true) {
		if err != nil {
			t.Fatal(err)
		}
		h, err := ParsePrompt(p.Hash)
		if err != nil {
			t.Fatal(err)
		}
		d, err := v.Dossier(t.Context(), h, Reading{Texts: true})
		if err != nil {
			t.Fatal(err)
		}
		for i := range d.Battles {
			sameOutcome(t, what, a, c, d, &d.Battles[i])
		}
		sameRulings(t, what, p, d)
		one, err := v.Dossier(t.Context(), h, Reading{Texts: true, Sides: []Side{d.Answers[0].Side, d.Answers[1].Side}})
		if err != nil || len(one.Battles) > 1 || one.Answers[2].Said != nil && one.Answers[2].Said.Text != "" {
			t.Errorf("%s: a dossier of two answers has %d battles, %v", what, len(one.Battles), err)
		}
	}
}

func sameOutcome(t *testing.T, what string, a *Arena, c *columns.Table, d *Dossier, m *Meeting) {
	t.Helper()
	side := func(place int) columns.Side {
		of := d.Answers[place].Side
		return columns.Side{Model: a.byID[of.Contestant].Place, Sample: int(of.Sample)}
	}
	row, there := c.Find(d.Prompt, side(m.A), side(m.B))
	if !there {
		if m.Outcome != columns.Undecided || d.Answers[m.A].Said != nil && d.Answers[m.B].Said != nil {
			t.Errorf("%s: a battle without an answer has %+v", what, m)
		}
		return
	}
	b := c.Battle(row)
	if b.A != side(m.A) {
		b.Outcome, b.Level = b.Outcome.Turned(), -b.Level
	}
	if b.Outcome != m.Outcome || m.Outcome.Decided() && (b.Level-m.Level > 1e-3 || m.Level-b.Level > 1e-3) || b.Divided != m.Divided {
		t.Errorf("%s: columns say %+v; the dossier %+v", what, b, m)
	}
}

func sameRulings(t *testing.T, what string, p *export.Prompt, d *Dossier) {
	t.Helper()
	var want, got []string
	for _, j := range p.Judgments {
		first, second := p.Answers[j.First], p.Answers[j.Second]
		want = append(want, fmt.Sprint(first.Model, first.Sample, second.Model, second.Sample, j.Judge, j.State, j.Reason, j.Verdict, j.Flags, j.Explanation, j.Attempts))
	}
	for o, r := range d.Rulings() {
		first, second := &d.Answers[r.First], &d.Answers[r.Second]
		got = append(got, fmt.Sprint(first.Name, first.Sample, second.Name, second.Sample, o.Name, r.State, r.Reason, r.Label(), r.Flags, r.Explanation, r.Calls))
		if n := len(r.Attempts); n != r.Calls && len(r.Halves) == 0 {
			t.Errorf("%s: %d replies of %d are there", what, n, r.Calls)
		}
	}
	if fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("%s: the dossier of %s has\n%q; exports have\n%q", what, p.Hash, got, want)
	}
}

func TestNames(t *testing.T) {
	for _, text := range []string{"0123456789abcdef", "0123456789abcdef.7", "0123456789abcdef.65535"} {
		if s, err := ParseSide(text); err != nil || s.String() != text {
			t.Errorf("ParseSide(%q) = %v, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdeg", "0123456789abcdef.", "0123456789abcdef.0", "0123456789abcdef.01", "0123456789abcdef.65536", "0123456789abcdef.-1", "0123456789abcdef.1.1"} {
		if s, err := ParseSide(text); err == nil {
			t.Errorf("ParseSide(%q) = %v; want an error", text, s)
		}
	}
	for _, text := range []string{"", "00", "g0000000000000000000000000000000", "000000000000000000000000000000000"} {
		if _, err := ParsePrompt(text); err == nil {
			t.Errorf("ParsePrompt(%q): want an error", text)
		}
	}
}
