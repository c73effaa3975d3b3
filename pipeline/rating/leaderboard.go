package rating

// Leaderboard is what battles say of models.
type Leaderboard struct {
	Method     string   `json:"method"`   // BradleyTerry or Elo
	Interval   string   `json:"interval"` // what the bounds rest on; "none" for Elo
	Ratings    []Rating `json:"ratings"`  // best first
	Components int      `json:"components"`
	Battles    int      `json:"battles"`
	Prompts    int      `json:"prompts"` // with at least one decided battle; 0 where battles do not name theirs, or none was looked at
	Notes      []string `json:"notes"`   // what a reader must know, in sentences
	Open       bool     `json:"-"`       // pairs are adaptive, and a run would go on

	Tied         []Tie    `json:"tied,omitzero"`          // nil for Elo, which has no intervals
	Cycle        []string `json:"cycle,omitempty"`        // models each of whom took more points from the next than it gave, and the last from the first
	Permutations int      `json:"permutations,omitempty"` // orders over which Elo was averaged
	Effects      []Effect `json:"effects,omitempty"`      // of what is controlled, in the order of Settings.Control
	Standardized bool     `json:"z_scored,omitempty"`     // what is controlled was z-scored
	Pairs        []Pair   `json:"pairs,omitzero"`         // where they are wanted
	By           string   `json:"by,omitempty"`           // what Groups are made by
	Groups       []Group  `json:"groups,omitempty"`
}

// Rating is one line of a leaderboard. Pointers are nil where there is no number.
type Rating struct {
	Model       string   `json:"model"`
	Rating      *float64 `json:"rating"` // in points, as are the bounds of its 95 % interval
	Lower       *float64 `json:"lower"`
	Upper       *float64 `json:"upper"`
	Rank        *int     `json:"rank"` // among the models of its component
	Battles     int      `json:"battles"`
	Elo         *float64 `json:"elo"`      // one pass in the order of the battles
	WinRate     *float64 `json:"win_rate"` // ties half
	Ties        int      `json:"ties"`
	Invalid     int      `json:"invalid"`
	Component   int      `json:"component"` // models joined by battles share it; -1 without battles
	Provisional bool     `json:"provisional"`
	MeanTokens  *int     `json:"mean_tokens"` // of output per answer; null where no calls were made for them
	CostUSD     *float64 `json:"cost_usd"`    // of the answers at today's prices; null where a price is unknown
	Answers     int      `json:"-"`           // that calls were made for, which the tokens and the cost are of

	EloMean      *float64 `json:"elo_mean,omitempty"` // over Leaderboard.Permutations orders of the battles
	EloSD        *float64 `json:"elo_sd,omitempty"`
	Uncontrolled *float64 `json:"uncontrolled,omitempty"` // the rating that nothing is controlled in, where something is
}

// Effect is what something beside the models does to the outcome of battles.
type Effect struct {
	Name   string   `json:"name"`
	Points *float64 `json:"points"` // of rating, that one unit of it is worth; null where the battles do not tell
	SE     *float64 `json:"se"`     // the standard error of that

	Coefficient   *float64 `json:"coefficient"` // the same in natural units: what it adds to the log-odds
	CoefficientSE *float64 `json:"coefficient_se"`
}

// Pair is what is known of two models.
type Pair struct {
	A       string   `json:"a"` // stands before B in the leaderboard
	B       string   `json:"b"`
	Battles int      `json:"battles"`
	WinRate *float64 `json:"win_rate"` // of A, ties half; null without battles
	Chance  *float64 `json:"p"`        // that A beats B, by the ratings, with its 95 % interval; null where they do not compare
	Lower   *float64 `json:"lower"`    // null for Elo, as is what follows but the difference
	Upper   *float64 `json:"upper"`
	Points  *float64 `json:"difference"` // of the ratings
	SE      *float64 `json:"se"`         // the standard error of that: by the interval, or as if battles were independent where that is greater
	Tied    *bool    `json:"tied"`       // the 95 % interval of the difference holds 0
	Needed  *int     `json:"needed"`     // about how many more battles would tell them apart; null where there is no telling
}

// Tie is a run of neighbours in a leaderboard of whom no two can be told apart: the 95 % interval of every difference holds 0.
type Tie struct {
	Models []string `json:"models"` // best first
	Needed []*int   `json:"needed"` // between each and the next: about how many more battles would tell them apart, null where there is no telling
}

// Group is the leaderboard of a part of the battles.
type Group struct {
	Name string `json:"name"`
	*Leaderboard
}
