package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"openarena/internal/plot"
	"openarena/internal/standings"
	"openarena/internal/terminal"
	"openarena/pipeline/rating"
)

// boardTable is a leaderboard as a table, and what a reader must know.
type boardTable struct {
	ID      string
	Label   string // whose battles it is of
	Board   *rating.Leaderboard
	Columns []boardColumn
	Rows    [][]cell
	Words   []string
	Needs   []need // between tied neighbours
}

// boardColumn is one of them.
type boardColumn struct {
	Title string
	About string // what it shows, where the title is not enough
	Kind  string // "number" or "text", by which it can be sorted; "" where it cannot
	Scale string // a picture in place of the title
	show  func(*rating.Rating) cell
}

// cell is one number or text of a table.
type cell struct {
	Text  string
	Value string // by which it is sorted: exact, and empty where there is none
	Model bool   // Text is its name
	Num   bool
	About string
	SVG   string
}

// need is about how many more battles tell two models apart.
type need struct {
	A, B    string
	Battles string // "": there is no telling
}

func newBoardTable(id, label string, board *rating.Leaderboard) (boardTable, error) {
	t := boardTable{ID: id, Label: label, Board: board, Words: isolated(standings.Sentences(board), board)}
	head, strips, err := plot.Strips(standings.Chart(board).Panels[0])
	if err != nil {
		return t, err
	}
	at := map[string]string{}
	for i, r := range board.Ratings {
		at[r.Model] = strips[i]
	}
	t.Columns = boardColumns(board, head, at)
	for i := range board.Ratings {
		var row []cell
		for _, c := range t.Columns {
			one := c.show(&board.Ratings[i])
			one.Num = c.Kind == "number"
			row = append(row, one)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, tie := range board.Tied {
		t.addNeeds(tie)
	}
	return t, nil
}

func (t *boardTable) addNeeds(tie rating.Tie) {
	for k, n := range tie.Needed {
		one := need{A: tie.Models[k], B: tie.Models[k+1]}
		if n != nil {
			one.Battles = terminal.Count(int64(standings.About(*n)))
		}
		if !slices.Contains(t.Needs, one) { // groups overlap
			t.Needs = append(t.Needs, one)
		}
	}
}

// boardColumns are those that `openarena rate` prints, the scale and the letters of ties beside.
func boardColumns(board *rating.Leaderboard, scale string, strips map[string]string) []boardColumn {
	elo := board.Method == rating.Elo
	columns := []boardColumn{
		{Title: "Rank", Kind: "number", show: func(r *rating.Rating) cell { return wholeCell(r.Rank) }},
		{Title: "Model", Kind: "text", show: func(r *rating.Rating) cell { return cell{Text: r.Model, Value: r.Model, Model: true} }},
		{Title: "Rating", Kind: "number", show: ratingCell},
	}
	if !elo { // which has no intervals
		columns = append(columns, boardColumn{Title: "95 %", About: "interval", show: intervalCell})
	}
	columns = append(columns, boardColumn{Title: "Rating and interval", Scale: scale, show: func(r *rating.Rating) cell { return cell{SVG: strips[r.Model]} }})
	if len(board.Tied) > 0 {
		of := letters(board.Tied)
		columns = append(columns, boardColumn{Title: "Tied", About: "models that share a letter cannot be told apart", show: func(r *rating.Rating) cell { return cell{Text: of[r.Model]} }})
	}
	if len(board.Effects) > 0 {
		columns = append(columns, numberColumn("Without", "the rating without control", 0, func(r *rating.Rating) *float64 { return r.Uncontrolled }))
	}
	columns = append(columns,
		numberColumn("Elo", "one pass over the battles", 0, func(r *rating.Rating) *float64 { return r.Elo }),
		boardColumn{Title: "Win rate", Kind: "number", About: "ties half", show: func(r *rating.Rating) cell {
			return cell{Text: terminal.Percent(r.WinRate), Value: exact(r.WinRate)}
		}},
		countColumn("Battles", "", func(r *rating.Rating) int { return r.Battles }),
		countColumn("Ties", "", func(r *rating.Rating) int { return r.Ties }),
		countColumn("Invalid", "verdicts that could not be read", func(r *rating.Rating) int { return r.Invalid }),
	)
	if slices.ContainsFunc(board.Ratings, func(r rating.Rating) bool { return r.MeanTokens != nil || r.CostUSD != nil }) {
		columns = append(columns,
			boardColumn{Title: "Tokens", About: "of output, mean of an answer", Kind: "number", show: tokensCell},
			boardColumn{Title: "Cost", About: "of the answers at today's prices", Kind: "number", show: func(r *rating.Rating) cell {
				return cell{Text: terminal.Money(r.CostUSD), Value: exact(r.CostUSD)}
			}})
	}
	if board.Components > 1 {
		columns = append(columns, boardColumn{Title: "Group", About: "ratings compare within one only", Kind: "number", show: groupCell})
	}
	return columns
}

func numberColumn(title, about string, decimals int, of func(*rating.Rating) *float64) boardColumn {
	return boardColumn{Title: title, About: about, Kind: "number", show: func(r *rating.Rating) cell {
		return cell{Text: terminal.Number(of(r), decimals), Value: exact(of(r))}
	}}
}

func countColumn(title, about string, of func(*rating.Rating) int) boardColumn {
	return boardColumn{Title: title, About: about, Kind: "number", show: func(r *rating.Rating) cell {
		return cell{Text: terminal.Count(int64(of(r))), Value: strconv.Itoa(of(r))}
	}}
}

func ratingCell(r *rating.Rating) cell {
	c := cell{Text: terminal.Number(r.Rating, 0), Value: exact(r.Rating)}
	if r.Provisional {
		c.Text, c.About = "~"+c.Text, "provisional: it leans on virtual ties"
	}
	return c
}

func intervalCell(r *rating.Rating) cell {
	if r.Rating == nil || r.Lower == nil {
		return cell{Text: "–"}
	}
	return cell{Text: fmt.Sprintf("%s to %s", terminal.Number(r.Lower, 0), terminal.Number(r.Upper, 0))}
}

func tokensCell(r *rating.Rating) cell {
	if r.MeanTokens == nil {
		return cell{Text: "–"}
	}
	return cell{Text: terminal.Count(int64(*r.MeanTokens)), Value: strconv.Itoa(*r.MeanTokens)}
}

func groupCell(r *rating.Rating) cell {
	if r.Rating == nil {
		return cell{Text: "–"}
	}
	return cell{Text: strconv.Itoa(r.Component + 1), Value: strconv.Itoa(r.Component + 1)}
}

func wholeCell(n *int) cell {
	if n == nil {
		return cell{Text: "–"}
	}
	return cell{Text: strconv.Itoa(*n), Value: strconv.Itoa(*n)}
}

// exact is a number with all its digits, as sorting needs it; empty if there is none.
func exact(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

// letters are what marks members of tied groups: two models share one if no battle tells them apart (the compact letter
// display of Piepho 2004, https://doi.org/10.1198/1061860043515).
func letters(ties []rating.Tie) map[string]string {
	of := map[string]string{}
	for k, t := range ties {
		letter := string(rune('a' + k%26))
		if k >= 26 {
			letter += strconv.Itoa(k/26 + 1)
		}
		for _, m := range t.Models {
			if of[m] != "" {
				of[m] += " "
			}
			of[m] += letter
		}
	}
	return of
}

// isolated are sentences in which names that are written from the right leave the order of what stands beside them alone.
func isolated(sentences []string, board *rating.Leaderboard) (all []string) {
	const first, pop = "\u2068", "\u2069" // first strong isolate, pop directional isolate
	var pairs []string
	for _, r := range board.Ratings {
		if strings.ContainsFunc(r.Model, func(c rune) bool {
			return unicode.In(c, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko)
		}) {
			pairs = append(pairs, r.Model, first+r.Model+pop)
		}
	}
	isolate := strings.NewReplacer(pairs...)
	for _, text := range sentences {
		all = append(all, isolate.Replace(text))
	}
	return all
}
