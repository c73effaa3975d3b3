package standings

import (
	"openarena/internal/plot"
	"openarena/pipeline/rating"
)

// Chart is a leaderboard as a picture, with a panel for all battles and then one for each group.
func Chart(board *rating.Leaderboard) plot.Chart {
	c := plot.Chart{Title: "Ratings", Subtitle: Method(board) + "."}
	if controlled := told(board.Effects); len(controlled) > 0 {
		c.Subtitle += " Controlled: " + rating.Enumerate(controlled, len(controlled)) + "."
	}
	all := panel(board)
	c.Panels = append(c.Panels, all)
	if board.By == "" {
		return c
	}
	c.Title += " by " + board.By
	c.Panels[0].Name = "all"
	for _, g := range board.Groups {
		one := panel(g.Leaderboard)
		one.Name, one.Note = g.Name, count(g.Battles, "battle")
		c.Panels = append(c.Panels, one)
	}
	return c
}

// told are the names of effects that the battles tell.
func told(effects []rating.Effect) (names []string) {
	for _, e := range effects {
		if e.Points != nil {
			names = append(names, e.Name)
		}
	}
	return names
}

func panel(board *rating.Leaderboard) (p plot.Panel) {
	for _, r := range board.Ratings {
		p.Rows = append(p.Rows, plot.Row{
			Name: r.Model, Rating: r.Rating, Lower: r.Lower, Upper: r.Upper, Component: r.Component, Provisional: r.Provisional,
		})
	}
	return p
}
