package web

import (
	"cmp"
	"fmt"
	"slices"

	"openarena/internal/plot"
	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/rating"
)

// drawing is a picture of a leaderboard, with what it shows in words and numbers.
type drawing struct {
	ID, Title string
	SVG       string // "" where there is nothing to draw
	Wide      bool
	Words     []string
	Head      []string // of a table beside it; nil: the leaderboard has its numbers
	Rows      [][]cell
}

// mostNamed is how many models a sentence names.
const mostNamed = 8

// drawWay draws how Elo came about. names are the contestants in the order of its ratings.
func drawWay(board *rating.Leaderboard, names []string, way []pipeline.Milestone) (drawing, error) {
	p := drawing{ID: "way", Title: "Elo along the prompts", Wide: true, Words: []string{
		"Elo after each prompt's battles, prompts in an order that has nothing to do with time or difficulty. Where lines still climb or fall at the end, more prompts would move them; the last values are those of the table.",
	}}
	l := plot.Lines{Title: p.Title, Counts: "prompts"}
	for _, m := range way {
		l.At = append(l.At, float64(m.Prompts))
	}
	for _, r := range board.Ratings {
		place := slices.Index(names, r.Model)
		if r.Elo == nil || place < 0 {
			continue
		}
		s := plot.Series{Name: r.Model}
		for _, m := range way {
			s.Ratings = append(s.Ratings, m.Ratings[place])
		}
		l.Series = append(l.Series, s)
	}
	slices.SortStableFunc(l.Series, func(x, y plot.Series) int { return cmp.Compare(y.Ratings[len(way)-1], x.Ratings[len(way)-1]) })
	var err error
	p.SVG, err = l.Inline(p.ID)
	return p, err
}

// drawCost draws ratings against what 1,000 answers cost.
func drawCost(board *rating.Leaderboard) (drawing, error) {
	p := drawing{ID: "cost", Title: "Cost against rating", Head: []string{"Model", "USD per 1,000 answers", "Rating", "Front"}}
	dots, missing, apart := scattered(board, func(r *rating.Rating) *float64 {
		if r.CostUSD == nil || r.Answers == 0 {
			return nil
		}
		x := 1000 * *r.CostUSD / float64(r.Answers)
		return &x
	})
	var ahead []string
	front := plot.Pareto(dots)
	for _, i := range front {
		ahead = append(ahead, dots[i].Name)
	}
	slices.Reverse(ahead) // the best first, as in the table
	for i, d := range dots {
		mark := "–"
		if slices.Contains(front, i) {
			mark = "yes"
		}
		p.Rows = append(p.Rows, []cell{{Text: d.Name, Model: true}, {Text: terminal.Money(&d.X), Num: true}, {Text: terminal.Number(&d.Rating, 0), Num: true}, {Text: mark}})
	}
	switch {
	case len(dots) == 0:
		p.Words = append(p.Words, "What answers cost is known of no model: `price:` beside a model says it, or `openarena prices import`.")
		missing = nil
	case len(ahead) == 1:
		p.Words = append(p.Words, fmt.Sprintf("%s has the best rating and costs least.", ahead[0]))
	default:
		p.Words = append(p.Words, fmt.Sprintf("On the front, which the line joins: %s. Of each other model one is cheaper and not worse, or better and not dearer; intervals are not looked at.", rating.Enumerate(ahead, mostNamed)))
	}
	p.leaveOut("no price or no call is known", missing, apart)
	return p, p.draw(plot.Scatter{Title: p.Title, Takes: "USD per 1,000 answers", Money: true, Front: true, Dots: dots})
}

// drawLength draws ratings against the mean length of answers.
func drawLength(board *rating.Leaderboard) (drawing, error) {
	p := drawing{ID: "length", Title: "Length against rating"}
	dots, missing, apart := scattered(board, func(r *rating.Rating) *float64 {
		if r.MeanTokens == nil {
			return nil
		}
		x := float64(*r.MeanTokens)
		return &x
	})
	if len(dots) == 0 {
		p.Words = append(p.Words, "Nobody counted the tokens of answers: they came from files.")
		missing = nil
	} else {
		least := slices.MinFunc(dots, func(x, y plot.Dot) int { return cmp.Compare(x.X, y.X) })
		most := slices.MaxFunc(dots, func(x, y plot.Dot) int { return cmp.Compare(x.X, y.X) })
		span := fmt.Sprintf("from %s (%s) to %s (%s)", terminal.Count(int64(least.X)), least.Name, terminal.Count(int64(most.X)), most.Name)
		if least.X == most.X {
			span = terminal.Count(int64(least.X))
		}
		p.Words = append(p.Words, fmt.Sprintf("Mean output tokens of an answer, reasoning included: %s. Judges may like long answers for their length; `openarena rate --control length` takes that out.", span))
	}
	p.leaveOut("nobody counted their tokens", missing, apart)
	return p, p.draw(plot.Scatter{Title: p.Title, Takes: "mean output tokens of an answer", Dots: dots})
}

func (p *drawing) draw(s plot.Scatter) (err error) {
	if len(s.Dots) > 0 {
		p.SVG, err = s.Inline(p.ID)
	}
	return err
}

// leaveOut names the models that a picture lacks.
func (p *drawing) leaveOut(why string, missing []string, apart int) {
	if len(missing) > 0 {
		p.Words = append(p.Words, fmt.Sprintf("Not drawn, since %s: %s.", why, rating.Enumerate(missing, mostNamed)))
	}
	if apart > 0 {
		p.Words = append(p.Words, fmt.Sprintf("Of several groups that never met only the largest is drawn; models in others: %d.", apart))
	}
}

// scattered are the rated models of the largest group of whom is known what they take, the names of those of whom it is not, and
// how many are in other groups.
func scattered(board *rating.Leaderboard, takes func(*rating.Rating) *float64) (dots []plot.Dot, missing []string, apart int) {
	for i := range board.Ratings {
		r := &board.Ratings[i]
		x := takes(r)
		switch {
		case r.Rating == nil:
		case r.Component != 0:
			apart++
		case x == nil:
			missing = append(missing, r.Model)
		default:
			dots = append(dots, plot.Dot{Name: r.Model, X: *x, Rating: *r.Rating, Lower: r.Lower, Upper: r.Upper, Provisional: r.Provisional})
		}
	}
	return dots, missing, apart
}
