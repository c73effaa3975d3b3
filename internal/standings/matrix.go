package standings

import "openarena/pipeline/rating"

// Matrix is how often each model won against each other one, models with battles in the order of the leaderboard.
type Matrix struct {
	Names []string
	Cells [][]Meeting // by row, then by column
}

// Meeting is what one model did against another: nothing where Battles is 0.
type Meeting struct {
	Battles int
	Won     float64 // share of them, ties half
}

// NewMatrix is that of the pairs of a leaderboard, which is to have them.
func NewMatrix(board *rating.Leaderboard) Matrix {
	var m Matrix
	place := map[string]int{}
	for _, r := range board.Ratings {
		if r.Battles > 0 {
			place[r.Model] = len(m.Names)
			m.Names = append(m.Names, r.Model)
		}
	}
	for range m.Names {
		m.Cells = append(m.Cells, make([]Meeting, len(m.Names)))
	}
	for _, p := range board.Pairs {
		if p.WinRate != nil {
			i, j := place[p.A], place[p.B]
			m.Cells[i][j], m.Cells[j][i] = Meeting{p.Battles, *p.WinRate}, Meeting{p.Battles, 1 - *p.WinRate}
		}
	}
	return m
}

// Rates are the shares alone; nil where two did not meet.
func (m Matrix) Rates() [][]*float64 {
	all := make([][]*float64, len(m.Cells))
	for i, row := range m.Cells {
		for _, c := range row {
			var rate *float64
			if c.Battles > 0 {
				rate = &c.Won
			}
			all[i] = append(all[i], rate)
		}
	}
	return all
}
