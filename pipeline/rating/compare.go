package rating

import (
	"context"
	"fmt"

	"openarena/elo"
)

// Comparison is how far the models of a leaderboard are rated elsewhere than in another, and whether that is more than chance.
// Differences are those of [elo.Compare]. Numbers that do not exist are nil.
type Comparison struct {
	Models    []Compared `json:"models"`     // of both, in the order of the leaderboard
	Only      []string   `json:"only"`       // models of the leaderboard alone
	OnlyOther []string   `json:"only_other"` // models of the other alone
	Prompts   Prompts    `json:"prompts"`
	Test      Test       `json:"test"`
	Paired    bool       `json:"paired"` // prompts that both have are compared one by one; else the two are taken as independent
	Notes     []string   `json:"notes"`

	Board *Leaderboard `json:"-"`
	Other *Leaderboard `json:"other"`
}

// Compared is a model of both leaderboards.
type Compared struct {
	Model       string   `json:"model"`
	Other       string   `json:"other_model"` // what the other one calls it
	Matched     string   `json:"matched"`     // Identity or Name
	Rank        *int     `json:"rank"`
	Rating      *float64 `json:"rating"`
	OtherRank   *int     `json:"other_rank"`
	OtherRating *float64 `json:"other_rating"`
	Change      *float64 `json:"change"` // of the rating less the other, each from the mean of the models that are compared
	SE          *float64 `json:"se"`     // 0: all that was said of it is the same
	Lower       *float64 `json:"lower"`  // 95 %
	Upper       *float64 `json:"upper"`
	P           *float64 `json:"p"`      // that chance alone makes as great a change
	Holm        *float64 `json:"p_holm"` // the same, allowing for how many models there are
}

// Prompts counts those with decided battles.
type Prompts struct {
	Shared    int `json:"shared"`
	Only      int `json:"only"`
	OnlyOther int `json:"only_other"`
}

// Test is that of all changes at once.
type Test struct {
	Statistic   *float64 `json:"statistic"`   // Wald's
	Differences int      `json:"differences"` // independent ones
	Freedom     *float64 `json:"freedom"`     // degrees of freedom of the errors; nil where they do not rest on prompts
	P           *float64 `json:"p"`
}

// What a model of two arenas is known to be the same by.
const (
	ByIdentity = "identity"
	ByName     = "name"
)

// Same is a model of two ballots.
type Same struct {
	Model, Other int32  // its numbers
	By           string // ByIdentity or ByName
}

// Compare rates two ballots by Bradley-Terry, with intervals clustered by prompt, and compares them. Clusters of the same
// number are the same prompt.
func Compare(ctx context.Context, b, other *Ballot, same []Same) (*Comparison, error) {
	return unlessDone(ctx, func() (*Comparison, error) {
		x, err := b.compared()
		if err != nil {
			return nil, err
		}
		y, err := other.compared()
		if err != nil {
			return nil, fmt.Errorf("the other: %w", err)
		}
		pairs := make([][2]int, len(same))
		for i, s := range same {
			pairs[i] = [2]int{int(s.Other), int(s.Model)}
		}
		shift, err := elo.Compare(y.fit, x.fit, pairs)
		if err != nil {
			return nil, err
		}
		c := &Comparison{
			Models: []Compared{}, Only: []string{}, OnlyOther: []string{}, Notes: []string{}, Paired: shift.Paired, Board: x.Leaderboard, Other: y.Leaderboard,
			Prompts: Prompts{shift.Shared, shift.After, shift.Before},
			Test:    Test{finite(shift.Wald), shift.Among, finite(shift.Freedom), finite(shift.P)},
		}
		c.list(x, y, same, shift)
		c.note(x, y)
		return c, nil
	})
}

// compared is the leaderboard of a ballot with a fit that can be compared.
func (b *Ballot) compared() (*board, error) {
	b.settings.Interval, b.settings.compared = Clustered, true
	if b.wrong == nil && b.settings.Method == Elo {
		b.wrong = fmt.Errorf("elo has no intervals, so that nothing can be said about chance: compare by %s", BradleyTerry)
	}
	return b.board()
}

// list puts down who is in both, in the order of the leaderboard, and who is in one only.
func (c *Comparison) list(x, y *board, same []Same, shift *elo.Shift) {
	at, met := map[int]int{}, map[int]bool{}
	for i, s := range same {
		at[int(s.Model)] = i
		met[int(s.Other)] = true
	}
	others := map[string]Rating{}
	for _, r := range y.Ratings {
		others[r.Model] = r
	}
	for place, i := range x.order {
		k, both := at[i]
		if !both {
			c.Only = append(c.Only, x.name(i))
			continue
		}
		r := x.Ratings[place]
		o := others[y.name(int(same[k].Other))]
		m := Compared{Model: r.Model, Other: o.Model, Matched: same[k].By, Rank: r.Rank, Rating: r.Rating, OtherRank: o.Rank, OtherRating: o.Rating}
		if of := shift.Changes[k]; of.Compared {
			m.Change, m.SE, m.Lower, m.Upper = finite(of.Points), finite(of.SE), finite(of.Lower), finite(of.Upper)
			m.P, m.Holm = finite(of.P), finite(of.Holm)
		}
		c.Models = append(c.Models, m)
	}
	for _, i := range y.order {
		if !met[i] {
			c.OnlyOther = append(c.OnlyOther, y.name(i))
		}
	}
}

// Same reports whether both rest on the same verdicts of the models that they share.
func (c *Comparison) Same() bool {
	told := 0
	for _, m := range c.Models {
		if m.Change == nil {
			continue
		}
		if told++; *m.SE > 0 {
			return false
		}
	}
	return c.Paired && told > 1
}

// note says what a reader must know.
func (c *Comparison) note(x, y *board) {
	say := func(format string, args ...any) { c.Notes = append(c.Notes, fmt.Sprintf(format, args...)) }
	told := 0
	var apart []string
	for _, m := range c.Models {
		if m.Change == nil {
			apart = append(apart, m.Model)
			continue
		}
		told++
	}
	switch {
	case told < 2:
		say("Fewer than two models are rated in both, so that nothing can be compared.")
		return
	case len(apart) > 0:
		say("Not compared, since no battles join them to the others in both: %s.", Enumerate(apart, len(apart)))
	}
	if !c.Paired {
		say("Ratings of one of them lean on virtual ties, or outcomes scatter too little, so that the two are taken as independent: real changes may be missed.")
		return
	}
	if c.Same() {
		return
	}
	if few := least(c.Prompts); few < fewClusters {
		say("Only %d prompts on one side: the errors are uncertain themselves.", few)
	}
	if c.Test.P == nil {
		say("Too few prompts to test all changes at once.")
	}
}

// least is how many prompts the side with fewer of them rests on.
func least(p Prompts) int {
	return p.Shared + min(p.Only, p.OnlyOther)
}
