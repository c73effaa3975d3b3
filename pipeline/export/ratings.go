package export

import "context"

var _ = registerTable("ratings", table{
	columns: []column{
		{"model", aText}, {"rating", aNumber}, {"lower", aNumber}, {"upper", aNumber}, {"rank", aWhole}, {"battles", aWhole},
		{"elo", aNumber}, {"win_rate", aNumber}, {"ties", aWhole}, {"invalid", aWhole}, {"component", aWhole}, {"provisional", aTruth},
		{"mean_tokens", aWhole}, {"cost_usd", aNumber}, {"method", aText}, {"interval", aText}, {"uncontrolled", aNumber},
	},
	fill: fillRatings,
})

// fillRatings puts the leaderboard, a row per model.
func fillRatings(ctx context.Context, a Arena, put func([]value) error) error {
	board, err := a.Ratings(ctx)
	if err != nil {
		return err
	}
	for _, r := range board.Ratings {
		err := put([]value{
			text(r.Model), numberOrNull(r.Rating), numberOrNull(r.Lower), numberOrNull(r.Upper), wholeOrNull(r.Rank), whole(r.Battles),
			numberOrNull(r.Elo), numberOrNull(r.WinRate), whole(r.Ties), whole(r.Invalid), whole(r.Component), truth(r.Provisional),
			wholeOrNull(r.MeanTokens), numberOrNull(r.CostUSD), text(board.Method), text(board.Interval), numberOrNull(r.Uncontrolled),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
