package web

import (
	"fmt"
	"slices"

	"openarena/internal/plot"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

func selfConsistency(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "self", Title: "Consistency with itself", Head: []string{"Judge", "Same again", "95 %", "Of", "Against its scores", "95 %", "Of"},
		Means: "How often a judge that is asked the very same again says the same, and how often its verdict contradicts its own scores.",
		Worry: "The same in fewer than four of five judgments; contradictions in more than 0.05.",
	}
	some := false
	for _, q := range rep.Judges {
		some = some || q.SelfConsistency.N > 0
		t.Rows = append(t.Rows, judgeRow{q.Judge, append(rateCells(q.SelfConsistency), rateCells(q.Contradictions)...)})
	}
	if !some {
		t.Words = append(t.Words, "Nothing was asked twice: judging.repeat: 0.05 has one judgment in twenty asked again.")
	}
	return t, t.ratePicture(rep, "Judgments that are the same when asked again.", nil, "", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.SelfConsistency })
}

// families is whom judges of one family prefer.
func families(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "family", Title: "Its own family", Head: []string{"Judge", "Family", "It prefers its own", "Others do", "Lift", "95 %", "Battles"}, Texts: []int{0},
		Means: "On battles with one answer of the judge's own family: how much more often it prefers that one than judges of other families do.",
		Worry: "An interval of the lift that lies above 0: the judge favours its relatives, or sees in them what others do not. Give these battles to a judge of another family.",
	}
	zero := 0.0
	s := plot.Shares{Title: t.Title, From: -1, To: 1, Line: &zero, LineName: "no lift"}
	some := false
	for _, q := range rep.Judges {
		l := q.OwnFamily
		some = some || l.Lift != nil
		interval := "–"
		if l.Lower != nil {
			interval = signed(l.Lower, 2) + " to " + signed(l.Upper, 2)
		}
		family := l.Family
		if family == "" {
			family = "unknown"
		}
		t.Rows = append(t.Rows, judgeRow{q.Judge, []string{family, number(l.Rate, 2), number(l.Others, 2), signed(l.Lift, 2), interval, terminal.Count(l.N)}})
		s.Rows = append(s.Rows, plot.Share{Name: q.Judge, Rate: l.Lift, Lower: l.Lower, Upper: l.Upper})
		s.Says += q.Judge + " " + signed(l.Lift, 2) + ". "
	}
	if !some {
		t.Words = append(t.Words, "No battle has one answer of a judge's own family and was judged by one of another family, too.")
		return t, nil
	}
	svg, err := s.Inline("family-1")
	t.Pictures = append(t.Pictures, captioned{svg, "Lift of its own family."})
	return t, err
}

// withoutEach is what the leaderboard would be without each judge.
func withoutEach(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "without", Title: "Without each judge", Head: []string{"Model", "All judges"},
		Means: "Place and rating of each model with all judges, and with each one left out.",
		Worry: "Models that stand clearly apart and change places: then the leaderboard is that judge's. Places of neighbours whose intervals meet change easily.",
	}
	if len(rep.Without) == 0 {
		t.Head = nil
		t.Words = append(t.Words, "There is one judge: whether the leaderboard hangs on it cannot be told.")
		return t, nil
	}
	for _, w := range rep.Without {
		t.Head = append(t.Head, "Without "+w.Judge)
		if w.Battles == 0 {
			t.Words = append(t.Words, fmt.Sprintf("Without %s no battle is left.", w.Judge))
		} else if len(w.Swapped) == 0 {
			t.Words = append(t.Words, fmt.Sprintf("Without %s nobody changes places.", w.Judge))
		}
		for _, s := range w.Swapped {
			how := "neighbours whose intervals meet"
			if s.Apart {
				how = "though they stand clearly apart"
			}
			t.Words = append(t.Words, fmt.Sprintf("Without %s, %s is before %s, %s.", w.Judge, s.Behind, s.Ahead, how))
		}
	}
	for i, full := range rep.Full {
		row := judgeRow{full.Model, []string{placed(full)}}
		for _, w := range rep.Without {
			text := placed(w.Ratings[i])
			if moved := w.Ratings[i].Place - full.Place; w.Ratings[i].Place > 0 && moved != 0 {
				text += fmt.Sprintf(" (%s)", map[bool]string{true: fmt.Sprintf("down %d", moved), false: fmt.Sprintf("up %d", -moved)}[moved > 0])
			}
			row.Cells = append(row.Cells, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return t, nil
}

func placed(r pipeline.LeftRating) string {
	if r.Place == 0 {
		return "–"
	}
	return fmt.Sprintf("%d. %s", r.Place, number(r.Rating, 0))
}

// people is how far judges say what people say.
func people(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "people", Title: "Agreement with people", Head: []string{"Judge", "Agrees", "95 %", "Of", "Kappa", "95 %", "Of all battles", "95 %", "Kappa", "Neither ties", "95 %", "Of", "Brier score"},
		Means: "How often a judge says what most people say of the same battle; kappa is the same beyond chance.",
		Worry: "A kappa below 0.4 on 30 battles or more. People among themselves reach 0.3 to 0.6: no judge can be asked for more.",
	}
	if rep.Votes.Votes == 0 {
		t.Head = nil
		t.Words = append(t.Words, "Nobody has voted yet. A few dozen blind votes tell more of a judge than anything else on this page.")
		return t, nil
	}
	for _, q := range rep.Judges {
		v := q.Votes
		t.Rows = append(t.Rows, judgeRow{q.Judge, slices.Concat(
			rateCells(v.Agreement), []string{number(v.Kappa, 2), spanned(v.KappaLower, v.KappaUpper)}, overallCells(v.Overall),
			rateCells(v.WithoutTies), []string{number(v.Brier, 2)},
		)})
	}
	t.Words = append(t.Words, "The page Vote shows battles on which judges differ or waver more often than others. “Of all battles” weighs them back: "+
		"what votes say about every battle of the judge, voted on or not. It is told once battles of each kind there is were voted on.")
	for _, x := range rep.Votes.Judges {
		t.Words = append(t.Words, fmt.Sprintf("%s agrees with %s in %s of %s battles; kappa %s.", x.Judge, x.Voter, number(x.Agreement.Rate, 2), terminal.Count(x.Agreement.N), number(x.Kappa, 2)))
	}
	v := rep.Votes
	t.Words = append(t.Words, fmt.Sprintf("Votes: %s, of %s voters, on %s battles. Krippendorff's alpha among people: %s, on %s battles that two or more have voted on.",
		terminal.Count(v.Votes), terminal.Count(v.Voters), terminal.Count(v.Battles), number(v.Alpha, 2), terminal.Count(v.N)))
	for _, p := range v.Pairs {
		t.Words = append(t.Words, fmt.Sprintf("%s and %s agree in %s of %s battles; kappa %s.", p.Voters[0], p.Voters[1], number(p.Agreement.Rate, 2), terminal.Count(p.Agreement.N), number(p.Kappa, 2)))
	}
	return t, t.ratePicture(rep, "Battles on which the judge says what most people say.", nil, "", func(q *pipeline.JudgeQuality) pipeline.Rate { return q.Votes.Agreement })
}

// overallCells are what votes say about all battles of a judge: its agreement, its interval, kappa.
func overallCells(o *pipeline.OverallAgreement) []string {
	if o == nil {
		return []string{"–", "–", "–"}
	}
	return []string{number(o.Rate, 2), spanned(&o.Lower, &o.Upper), number(o.Kappa, 2)}
}

// spanned is an interval, or a dash.
func spanned(lower, upper *float64) string {
	if lower == nil || upper == nil {
		return "–"
	}
	return number(lower, 2) + " to " + number(upper, 2)
}

// effort is what judges took.
func effort(rep *pipeline.JudgeReport) (topic, error) {
	t := topic{ID: "effort", Title: "Time, tokens and cost", Head: []string{"Judge", "Verdicts", "Calls", "Tokens in", "Tokens out", "Cost", "Half of calls within", "19 of 20 within"},
		Means: "What the verdicts took: every call that was paid for, those asked again included.",
		Worry: "Far more calls than verdicts: replies that cannot be read are paid twice. A judge that costs most and changes nothing (above) can go.",
	}
	for _, q := range rep.Judges {
		t.Rows = append(t.Rows, judgeRow{q.Judge, []string{terminal.Count(q.Verdicts), terminal.Count(q.Calls), terminal.Tokens(q.Tokens.Input), terminal.Tokens(q.Tokens.Output),
			terminal.Money(q.CostUSD), milliseconds(q.Latency.P50), milliseconds(q.Latency.P95)}})
	}
	return t, nil
}

func milliseconds(ms *float64) string {
	switch {
	case ms == nil:
		return "–"
	case *ms >= 10_000:
		return fmt.Sprintf("%.0f s", *ms/1000)
	}
	return terminal.Count(int64(*ms)) + " ms"
}
