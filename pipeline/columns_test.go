package pipeline

import (
	"testing"

	"openarena/pipeline/columns"
	"openarena/store"
)

func tabulate(t testing.TB, a *Arena, r store.Reader) *columns.Table {
	t.Helper()
	c, err := a.Columns(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tabulated fails unless a table of columns says of battles what ratings count, and has the verdicts that exports have.
func (m *mixture) tabulated(t *testing.T, what string, a *Arena, db *store.DB) {
	t.Helper()
	type tally struct {
		battles, ties, invalid int
		won                    float64
	}
	c, got := tabulate(t, a, db), make([]tally, len(a.Contestants))
	verdicts := 0
	for row := range c.Len() {
		b := c.Battle(row)
		if at, ok := c.Find(b.Prompt.Hash, b.B, b.A); !ok || at != row {
			t.Errorf("%s: row %d is found at %d, %t", what, row, at, ok)
		}
		bad := 0
		for _, v := range b.Verdicts {
			if v.State == columns.Invalid && !v.Derived && !v.Again {
				bad++
			}
			if !v.Again {
				verdicts++
			}
		}
		for i, side := range [...]columns.Side{b.A, b.B} {
			of := &got[side.Model]
			of.invalid += bad
			if !b.Outcome.Decided() {
				continue
			}
			of.battles++
			switch b.Outcome {
			case [...]columns.Outcome{columns.WonByA, columns.WonByB}[i]:
				of.won++
			case columns.Tied:
				of.won += 0.5
				of.ties++
			}
		}
	}
	for _, r := range board(t, a, db).Ratings {
		of := got[place(a, r.Model)]
		if r.Battles != of.battles || r.Ties != of.ties || r.Battles > 0 && *r.WinRate != of.won/float64(of.battles) || !a.pointwise() && r.Invalid != of.invalid {
			t.Errorf("%s: the columns count %+v of %s; its ratings %+v", what, of, r.Model, r)
		}
	}
	if want := exportedVerdicts(t, a, db); verdicts != want {
		t.Errorf("%s: %d verdicts are in columns, %d are exported", what, verdicts, want)
	}
}

func place(a *Arena, name string) int {
	for i, c := range a.Contestants {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// exportedVerdicts is how many verdicts exports have.
func exportedVerdicts(t testing.TB, a *Arena, r store.Reader) (n int) {
	t.Helper()
	v, err := a.View(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for p, err := range v.Prompts(t.Context(), false) {
		if err != nil {
			t.Fatal(err)
		}
		n += len(p.Judgments)
	}
	return n
}
