package rating

// Moved is where a model stands in one leaderboard and in another. Numbers that do not exist are nil.
type Moved struct {
	Model   string   `json:"model"`
	Before  Place    `json:"before"`
	After   Place    `json:"after"`
	Change  *float64 `json:"change"`  // of the rating, in points
	Overlap *bool    `json:"overlap"` // whether the intervals have a point in common; nil where one of them is missing
}

// Place is where a model stands.
type Place struct {
	Rank   *int     `json:"rank"`
	Rating *float64 `json:"rating"`
	Lower  *float64 `json:"lower"`
	Upper  *float64 `json:"upper"`
}

// Moves are the models of the second leaderboard, in its order, beside the same of the first.
func Moves(before, after *Leaderboard) []Moved {
	places := map[string]Place{}
	for _, r := range before.Ratings {
		places[r.Model] = placeOf(r)
	}
	all := []Moved{}
	for _, r := range after.Ratings {
		m := Moved{Model: r.Model, Before: places[r.Model], After: placeOf(r)}
		if m.Before.Rating != nil && m.After.Rating != nil {
			m.Change = finite(*m.After.Rating - *m.Before.Rating)
		}
		if m.Before.Lower != nil && m.After.Lower != nil {
			meet := *m.After.Lower <= *m.Before.Upper && *m.Before.Lower <= *m.After.Upper
			m.Overlap = &meet
		}
		all = append(all, m)
	}
	return all
}

func placeOf(r Rating) Place { return Place{r.Rank, r.Rating, r.Lower, r.Upper} }
