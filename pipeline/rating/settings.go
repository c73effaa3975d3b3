package rating

import (
	"cmp"
	"slices"

	"openarena/elo"
)

// The names of methods and intervals, as settings and outputs have them.
const (
	BradleyTerry = "bradley-terry"
	Elo          = "elo"

	Clustered = "clustered"
	Sandwich  = "sandwich"
	Bootstrap = "bootstrap"
)

// What groups of battles can be made by.
const (
	ByDataset  = "dataset"
	ByCategory = "category"
	ByJudge    = "judge"
)

// What settings may name.
var (
	Methods   = []string{BradleyTerry, Elo}
	Intervals = []string{Clustered, Sandwich, Bootstrap}
	Parts     = []string{ByDataset, ByCategory, ByJudge}
)

// MaxModels is the most that a leaderboard takes.
const MaxModels = elo.MaxContestants

// Bounds of the weight of a battle.
const (
	MinWeight = elo.MinWeight
	MaxWeight = elo.MaxWeight
)

// Bounds of what settings may hold: beyond them ratings lose their decimals, and rounds, which are kept, tell nothing more.
const (
	MaxPoints  = 1e9
	MaxKFactor = 1e6
	MaxRounds  = 1_000_000 // of a bootstrap, and orders of Elo
)

// Settings say how battles become ratings.
type Settings struct {
	Method    string  // BradleyTerry, also where it is empty, or Elo
	Interval  string  // Clustered, also where it is empty, Sandwich or Bootstrap
	Bootstrap int     // rounds; 0: 1000
	KFactor   float64 // of Elo; 0: 32
	Initial   float64 // the mean rating, in points; 0: 1000
	Anchor    *Anchor // nil: none

	Control     []string // names of covariates, in the order of Battle.X
	Standardize bool     // covariates are z-scored over the battles; the position is not

	Pairs        bool   // Leaderboard.Pairs is wanted
	Permutations int    // orders over which Elo is averaged; 0: none
	Progression  bool   // Ballot.Progression is wanted
	By           string // what Leaderboard.Groups are made by: one of Parts; "": no groups

	compared bool // the fit is to be compared with another
}

// Anchor gives one model a fixed rating.
type Anchor struct {
	Model  string
	Rating float64 // in points
}

// Default are the settings of a file that says nothing about ratings.
func Default() Settings {
	return Settings{Method: BradleyTerry, Interval: Clustered, Bootstrap: 1000, KFactor: 32, Initial: 1000}
}

// complete are the settings with what is usual in place of what is empty.
func (s Settings) complete() Settings {
	usual := Default()
	s.Method, s.Interval = cmp.Or(s.Method, usual.Method), cmp.Or(s.Interval, usual.Interval)
	s.Bootstrap = cmp.Or(s.Bootstrap, usual.Bootstrap)
	s.KFactor, s.Initial = cmp.Or(s.KFactor, usual.KFactor), cmp.Or(s.Initial, usual.Initial)
	return s
}

// replays reports whether Elo goes over the battles once more.
func (s Settings) replays() bool { return s.Permutations > 0 || s.Progression }

// counts reports whether pair counts are enough: nothing asks which battles shared a prompt, in which order they came, or
// what else swayed them.
func (s Settings) counts() bool {
	if s.replays() {
		return false
	}
	return s.Method == Elo || s.Interval == Sandwich && len(s.Control) == 0
}

// Fit are the settings in the words of mathematics, for models numbered as in the list.
func (s Settings) Fit(models []string) elo.Options {
	o := elo.Options{Initial: s.Initial, Rounds: s.Bootstrap}
	switch s.Interval {
	case Sandwich:
		o.Interval = elo.Sandwich
	case Bootstrap:
		o.Interval = elo.Bootstrap
	}
	if s.Anchor != nil {
		if i := slices.Index(models, s.Anchor.Model); i >= 0 {
			o.Anchor = &elo.Anchor{Contestant: i, Rating: s.Anchor.Rating}
		}
	}
	return o
}

func (s Settings) elo() elo.Elo { return elo.Elo{K: s.KFactor, Initial: s.Initial} }
