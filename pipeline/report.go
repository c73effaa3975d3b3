package pipeline

import (
	"context"

	"openarena/pipeline/agreement"
	"openarena/store"
)

// JudgeReport says how far the judges of an arena can be trusted. Rates of nothing, and figures that cannot be told, are null.
type JudgeReport struct {
	Judges   []JudgeQuality `json:"judges"`
	Pairs    []JudgePair    `json:"pairs"` // of judges
	Panel    PanelAgreement `json:"panel"`
	Votes    VoteReport     `json:"votes"`
	Models   []ModelReport  `json:"models"`
	Full     []LeftRating   `json:"ratings"` // of all judges, as those in Without are made
	Without  []WithoutJudge `json:"without"` // one for each judge of several
	Findings []string       `json:"findings"`
}

// Rate is a share with what it rests on, and its 95 % interval by Wilson. Without n it is null.
type Rate struct {
	N     int64    `json:"n"`
	Count int64    `json:"count"`
	Rate  *float64 `json:"rate"`
	Lower *float64 `json:"lower"`
	Upper *float64 `json:"upper"`
}

func newRate(count, n int64) Rate {
	r := Rate{N: n, Count: count}
	if lower, upper, ok := agreement.Wilson(count, n); ok {
		rate := float64(count) / float64(n)
		r.Rate, r.Lower, r.Upper = &rate, &lower, &upper
	}
	return r
}

// Conduct is how a judge behaves: on everything, or on the battles of one contestant. Verdicts that took no call (equal
// answers, an empty one) are not among them, nor are repeats.
type Conduct struct {
	Verdicts   int64            `json:"verdicts"` // unreadable ones included; of a pointwise judge those on single answers
	Invalid    Rate             `json:"invalid"`
	Reasons    map[string]int64 `json:"invalid_reasons"`
	Ties       Rate             `json:"ties"`                 // of those that could be read
	Consistent Rate             `json:"position_consistency"` // of battles read in both orders: the same answer wins, or both tie
	FirstSlot  Rate             `json:"first_slot"`           // of decided verdicts: for the answer shown first; 0.5 is fair
	Flips      [5]int64         `json:"flips"`                // battles read in both orders, by how many levels the orders differ
}

// JudgeQuality is one judge.
type JudgeQuality struct {
	Judge    string `json:"judge"`
	ModelID  string `json:"model_id"`
	Protocol string `json:"protocol"`
	Conduct
	Contestants     []ContestantConduct `json:"contestants"`
	SelfConsistency Rate                `json:"self_consistency"` // of judgments asked twice: the same answer wins again, or they tie again; or the same score
	Contradictions  Rate                `json:"contradictions"`   // of verdicts with scores: the scores prefer the other answer
	Flags           map[string]int64    `json:"flags"`            // verdicts that bear them
	LongerWins      Rate                `json:"longer_wins"`      // of decided verdicts on answers of different lengths
	OwnFamily       FamilyLift          `json:"own_family"`
	Votes           VoteAgreement       `json:"votes"`
	Calls           int64               `json:"calls"` // paid for, whatever they were about
	Tokens          Tokens              `json:"tokens"`
	CostUSD         *float64            `json:"cost_usd"` // null when the price is unknown
	Latency         Latency             `json:"latency_ms"`
}

// ContestantConduct is a judge on the battles of one contestant.
type ContestantConduct struct {
	Model string `json:"model"`
	Conduct
}

// FamilyLift compares a judge with the judges of other families, on battles in which one answer is of its own family.
type FamilyLift struct {
	Family string   `json:"family"` // "" unknown
	N      int64    `json:"n"`      // such battles, judged by both
	Rate   *float64 `json:"rate"`   // how often it prefers its family, ties half
	Others *float64 `json:"others"` // how often the others do
	Lift   *float64 `json:"lift"`   // the difference
	Lower  *float64 `json:"lower"`  // 95 %
	Upper  *float64 `json:"upper"`
}

// VoteAgreement compares a judge with what people say of the same battles. But for Overall it is about the battles that were
// voted on, which are those that tell most about the judges where they were chosen by the vote page.
type VoteAgreement struct {
	Agreement   Rate              `json:"agreement"`         // battles on which it says what most people say
	WithoutTies Rate              `json:"agreement_decided"` // those on which neither of them ties
	Kappa       *float64          `json:"kappa"`
	KappaLower  *float64          `json:"kappa_lower"` // 95 %
	KappaUpper  *float64          `json:"kappa_upper"`
	Brier       *float64          `json:"brier"`
	LogLoss     *float64          `json:"log_loss"`
	Overall     *OverallAgreement `json:"overall"` // null: there are kinds of battles of which none was voted on
}

// OverallAgreement is what votes say about all battles of a judge, voted on or not: battles on which the judges differ, on which
// one wavers, and the others each count as often as there are any (see [agreement.Stratified]).
type OverallAgreement struct {
	Battles    int64    `json:"battles"`   // all of the judge
	Effective  float64  `json:"effective"` // battles drawn evenly that would tell as much
	Rate       float64  `json:"rate"`
	Lower      float64  `json:"lower"` // 95 %
	Upper      float64  `json:"upper"`
	Kappa      *float64 `json:"kappa"`
	KappaLower *float64 `json:"kappa_lower"`
	KappaUpper *float64 `json:"kappa_upper"`
}

// Latency is how long calls took, in milliseconds.
type Latency struct {
	N   int64    `json:"n"` // of those of which it is known
	P50 *float64 `json:"p50"`
	P95 *float64 `json:"p95"`
}

// JudgePair is two judges on the battles that both have judged.
type JudgePair struct {
	Judges    [2]string `json:"judges"`
	Agreement Rate      `json:"agreement"`
	Kappa     *float64  `json:"kappa"`
}

// PanelAgreement is Krippendorff's alpha of all judges.
type PanelAgreement struct {
	N       int64    `json:"n"`             // battles with two judges or more
	Nominal *float64 `json:"alpha_nominal"` // over who wins
	Ordinal *float64 `json:"alpha_ordinal"` // over by how much, in half levels
	// UnsureOnly: in a cascade judges meet over the battles that one was not sure of, and agree less there than elsewhere.
	UnsureOnly bool `json:"unsure_only"`
}

// VoteReport is what is known of the people who voted.
type VoteReport struct {
	Votes   int64        `json:"votes"`   // that count, on answers of the file
	Battles int64        `json:"battles"` // pairs of answers
	Voters  int64        `json:"voters"`
	N       int64        `json:"n"` // battles with two voters or more
	Alpha   *float64     `json:"alpha"`
	Pairs   []VoterPair  `json:"pairs"`  // of the dozen who voted most
	Judges  []JudgeVoter `json:"judges"` // each judge beside each of them, where both spoke of a battle
}

// JudgeVoter is a judge and a voter on the battles that both have spoken of.
type JudgeVoter struct {
	Judge     string   `json:"judge"`
	Voter     string   `json:"voter"`
	Agreement Rate     `json:"agreement"`
	Kappa     *float64 `json:"kappa"`
}

// VoterPair is two voters on the battles that both have voted on.
type VoterPair struct {
	Voters    [2]string `json:"voters"`
	Agreement Rate      `json:"agreement"`
	Kappa     *float64  `json:"kappa"`
}

// ModelReport is what looks odd about a contestant.
type ModelReport struct {
	Model     string `json:"model"`
	Repeated  Rate   `json:"repeated"`   // of its answers, one a prompt: those that are the most frequent text, at least
	ShortWins Rate   `json:"short_wins"` // of its battles with under 20 characters against more: those won
}

// LeftRating is a contestant's Bradley-Terry rating.
type LeftRating struct {
	Model  string   `json:"model"`
	Rating *float64 `json:"rating"`
	Place  int      `json:"place"` // by rating; 0 without one

	lower, upper float64 // 95 %, as if battles were independent
}

// WithoutJudge is the leaderboard as it would be without one of the judges.
type WithoutJudge struct {
	Judge   string       `json:"judge"`
	Battles int64        `json:"battles"`
	Ratings []LeftRating `json:"ratings"` // contestants in file order
	Swapped []Swap       `json:"swapped"`
}

// Swap is two contestants whose order hangs on a judge.
type Swap struct {
	Ahead  string `json:"ahead"` // with all judges
	Behind string `json:"behind"`
	Apart  bool   `json:"apart"` // with all judges their intervals do not meet
}

// Report walks the database once and reports on the judges.
func (a *Arena) Report(ctx context.Context, r store.Reader) (*JudgeReport, error) {
	all, err := a.listings(ctx, r)
	if err != nil {
		return nil, err
	}
	p, err := a.pairingIn(ctx, r)
	if err != nil {
		return nil, err
	}
	rep := newReporter(p)
	if err := rep.people.count(ctx, r); err != nil {
		return nil, err
	}
	box := newVoteBox(ctx, r)
	defer box.close()
	for s, err := range a.sheets(ctx, r, all, walkOptions{span: everything, verdicts: metas, failures: true, texts: true}) {
		if err != nil {
			return nil, err
		}
		votes, err := box.of(&s.Prompt)
		if err != nil {
			return nil, err
		}
		rep.see(s, votes)
	}
	return rep.report(ctx, r)
}
