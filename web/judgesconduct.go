package web

import (
	"fmt"
	"maps"
	"slices"

	"openarena/internal/plot"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

var half = 0.5

// agreeing is the matrix of kappas.
func agreeing(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "agreement", Title: "Agreement between judges",
		Means: "Cohen's kappa over who wins: 1 is always the same verdict, 0 what chance alone would give; small, how many battles both have judged.",
		Worry: "Below 0.2 on 30 battles or more at least one of the two does not judge what you think; above 0.9 the second one tells little that the first did not.",
	}
	if len(rep.Judges) < 2 {
		t.Words = append(t.Words, "There is one judge, so that nobody agrees or disagrees with it. A second one of another family would tell how far it can be trusted.")
		return t, nil
	}
	at := map[[2]string]pipeline.JudgePair{}
	for _, p := range rep.Pairs {
		at[p.Judges] = p
		at[[2]string{p.Judges[1], p.Judges[0]}] = p
	}
	t.Head = []string{""}
	for _, x := range rep.Judges {
		t.Head = append(t.Head, x.Judge)
		row := heatLine{Name: x.Judge}
		for _, y := range rep.Judges {
			row.Cells = append(row.Cells, kappaCell(at[[2]string{x.Judge, y.Judge}], x.Judge == y.Judge))
		}
		t.Heat = append(t.Heat, row)
	}
	p := rep.Panel
	if p.Nominal != nil {
		t.Words = append(t.Words, fmt.Sprintf("Krippendorff's alpha of the whole panel, on %s battles with two judges or more: %s over who wins, %s over by how much.",
			terminal.Count(p.N), number(p.Nominal, 2), number(p.Ordinal, 2)))
	}
	if p.UnsureOnly {
		t.Words = append(t.Words, "Judges of a cascade meet only over the battles that the one before was not sure of, and agree less there than elsewhere.")
	}
	return t, nil
}

func kappaCell(p pipeline.JudgePair, self bool) heatKappa {
	switch {
	case self:
		return heatKappa{Shade: "self"}
	case p.Kappa == nil:
		return heatKappa{Text: "–", Small: terminal.Count(p.Agreement.N)}
	}
	c := heatKappa{Text: number(p.Kappa, 2), Small: terminal.Count(p.Agreement.N), Shade: "k0"}
	for i, least := range [...]float64{0.2, 0.4, 0.6, 0.8} {
		if *p.Kappa >= least {
			c.Shade = fmt.Sprintf("k%d", i+1)
		}
	}
	return c
}

// position is who is shown first, and what the other order says.
func position(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "position", Title: "Position bias",
		Means: "How often a decided verdict is for the answer shown first (0.50 is fair), and whether both orders of a battle have the same winner.",
		Worry: "An interval that leaves out 0.50 by 0.05 or more; the same winner in fewer than three of four battles. Judging both orders takes most of it out of ratings; reversals by three levels or more are noise that nothing takes out.",
		Head:  []string{"Judge", "For the first", "95 %", "Of", "Same in both orders", "95 %", "Of"},
	}
	if err := t.ratePicture(rep, "Decided verdicts for the answer shown first.", &half, "fair", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.FirstSlot }); err != nil {
		return t, err
	}
	if err := t.ratePicture(rep, "Battles in which both orders have the same winner, or both tie.", nil, "", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.Consistent }); err != nil {
		return t, err
	}
	var bars []plot.Stack
	for _, q := range rep.Judges {
		t.Rows = append(t.Rows, judgeRow{q.Judge, append(rateCells(q.FirstSlot), rateCells(q.Consistent)...)})
		bars = append(bars, plot.Stack{Name: q.Judge, Counts: q.Flips[:]})
	}
	for _, q := range rep.Judges {
		if f := q.Flips; q.Consistent.N > 0 {
			t.Words = append(t.Words, fmt.Sprintf("%s: the orders are 0, 1, 2, 3 or 4 levels apart in %d, %d, %d, %d and %d of %s battles.", q.Judge, f[0], f[1], f[2], f[3], f[4], terminal.Count(q.Consistent.N)))
		}
	}
	err := t.stackPicture("Battles by how many levels the two orders are apart.", plot.Stacks{Parts: []string{"0", "1", "2", "3", "4"}, Ordered: true, Rows: bars})
	if len(t.Pictures) == 0 {
		t.Words = append(t.Words, "No battle was judged in both orders, or in one drawn by lot: who is shown first cannot be told apart from who is better. A judge of single answers is shown no order.")
	}
	return t, err
}

func lengths(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "length", Title: "Length and style", Head: rateHead,
		Means: "How often a decided verdict is for the longer of two answers of different length.",
		Worry: "A whole interval above 0.60, though better answers often are longer. `openarena rate --control length,style` shows the ratings at equal length and with as many headings, lists and bold words, and what each of them is worth in points.",
	}
	for _, q := range rep.Judges {
		t.Rows = append(t.Rows, rateLine(q.Judge, q.LongerWins))
	}
	return t, t.ratePicture(rep, "Decided verdicts for the longer answer.", &half, "no lean", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.LongerWins })
}

func ties(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "ties", Title: "Ties", Head: rateHead,
		Means: "How many readable verdicts call it even.",
		Worry: "Nearly none, where answers are often alike: the judge is made to guess (does its rubric forbid ties?). Most of them: it cannot tell the answers apart, and tells little.",
	}
	for _, q := range rep.Judges {
		t.Rows = append(t.Rows, rateLine(q.Judge, q.Ties))
	}
	return t, t.ratePicture(rep, "Verdicts that are ties.", nil, "", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.Ties })
}

// unreadable is what could not be read, by reason and by contestant.
func unreadable(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "invalid", Title: "Unreadable verdicts", Head: []string{"Judge", "On battles of", "Unreadable", "95 %", "Of", "Reasons"}, Texts: []int{0, 4},
		Means: "Verdicts from which no result can be read, after all that was asked again. They are never ties: they count for nothing.",
		Worry: "More than 0.05, or far more on the battles of one model: then what is missing is not missing by chance. The reason says what to change.",
	}
	if err := t.ratePicture(rep, "Verdicts that cannot be read.", nil, "", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.Invalid }); err != nil {
		return t, err
	}
	reasons := map[string]bool{}
	for _, q := range rep.Judges {
		for r := range q.Reasons {
			reasons[r] = true
		}
	}
	names := slices.Sorted(maps.Keys(reasons))
	var bars []plot.Stack
	for _, q := range rep.Judges {
		bar := plot.Stack{Name: q.Judge}
		for _, r := range names {
			bar.Counts = append(bar.Counts, q.Reasons[r])
		}
		bars = append(bars, bar)
		t.Rows = append(t.Rows, judgeRow{q.Judge, append(append([]string{"all"}, rateCells(q.Invalid)...), told(q.Reasons))})
		for _, c := range q.Contestants {
			if c.Invalid.Count > 0 {
				t.Rows = append(t.Rows, judgeRow{q.Judge, append(append([]string{c.Model}, rateCells(c.Invalid)...), told(c.Reasons))})
			}
		}
	}
	return t, t.stackPicture("Unreadable verdicts by reason.", plot.Stacks{Parts: names, Rows: bars})
}

// told is "empty 3, truncated 2".
func told(n map[string]int64) string {
	text := ""
	for i, name := range slices.Sorted(maps.Keys(n)) {
		if i > 0 {
			text += ", "
		}
		text += name + " " + terminal.Count(n[name])
	}
	if text == "" {
		return "–"
	}
	return text
}
