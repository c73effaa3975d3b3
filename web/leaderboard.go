package web

import (
	"fmt"
	"slices"
	"strings"

	"openarena/internal/plot"
	"openarena/internal/standings"
	"openarena/pipeline/rating"
)

var leaderboard = page{name: "leaderboard", path: "/{$}", title: "Leaderboard", uses: []string{"sort.js"}, make: makeLeaderboard}

// ranked is what the leaderboard's page shows. Each of by in its address adds the leaderboards of a part of the battles.
type ranked struct {
	*whole
	Choices []partChoice
	Parts   []part
}

// partChoice is a part that leaderboards can be made by.
type partChoice struct {
	Name string
	Here bool // the page has them
}

// whole is the leaderboard of all battles.
type whole struct {
	boardTable
	Heat     *heatMap  // nil: no two met
	Pictures []drawing // of which a reader may want to know more
}

// part is the leaderboards of the datasets, categories or judges.
type part struct {
	By     string
	Boards []partBoard
}

// partBoard is one of them.
type partBoard struct {
	boardTable
	By, Name, Picture string
}

func makeLeaderboard(v *visit) (any, error) {
	page := ranked{}
	for _, by := range rating.Parts {
		page.Choices = append(page.Choices, partChoice{by, slices.Contains(v.query["by"], by)})
	}
	var err error
	if page.whole, err = kept(v, "leaderboard", func() (*whole, error) { return makeWhole(v) }); err != nil {
		return nil, err
	}
	for i, by := range v.query["by"] {
		if !slices.Contains(rating.Parts, by) {
			return nil, unusable(fmt.Sprintf("No leaderboards are made by %q: by is one of %s.", by, strings.Join(rating.Parts, ", ")))
		}
		if slices.Contains(v.query["by"][:i], by) {
			continue
		}
		one, err := kept(v, "leaderboards by "+by, func() (part, error) { return makePart(v, by) })
		if err != nil {
			return nil, err
		}
		page.Parts = append(page.Parts, one)
	}
	return page, nil
}

// milestones is how many places of the Elo ratings' way are drawn.
const milestones = 120

func makeWhole(v *visit) (*whole, error) {
	a := *v.arena
	a.Rating.Pairs = true
	board, way, err := a.RateAlong(v, v.look, milestones)
	if err != nil {
		return nil, err
	}
	w := &whole{Heat: newHeatMap(board)}
	if w.boardTable, err = newBoardTable("all", "All battles", board); err != nil || board.Battles == 0 {
		return w, err
	}
	var names []string
	for _, c := range a.Contestants {
		names = append(names, c.Name)
	}
	for _, draw := range []func() (drawing, error){
		func() (drawing, error) { return drawWay(board, names, way) },
		func() (drawing, error) { return drawCost(board) },
		func() (drawing, error) { return drawLength(board) },
	} {
		p, err := draw()
		if err != nil {
			return nil, err
		}
		p.Words = isolated(p.Words, board)
		w.Pictures = append(w.Pictures, p)
	}
	return w, nil
}

func makePart(v *visit, by string) (part, error) {
	a := *v.arena
	a.Rating.By = by
	board, err := a.Rate(v, v.look)
	if err != nil {
		return part{}, err
	}
	p := part{By: by}
	chart := standings.Chart(board)
	chart.Panels = chart.Panels[1:] // the first is of all battles
	for i := range chart.Panels {
		chart.Panels[i].Note = ""
	}
	pictures, err := plot.Multiples("by-"+by, chart)
	if err != nil {
		return part{}, err
	}
	for i, g := range board.Groups {
		one := partBoard{By: by, Name: g.Name, Picture: pictures[i]}
		if one.boardTable, err = newBoardTable(fmt.Sprintf("%s-%d", by, i+1), g.Name, g.Leaderboard); err != nil {
			return part{}, err
		}
		p.Boards = append(p.Boards, one)
	}
	return p, nil
}
