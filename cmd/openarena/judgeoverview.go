package main

import (
	"openarena/internal/terminal"
	"openarena/pipeline"
)

var overviewColumns = []terminal.Column[pipeline.JudgeQuality]{
	{Title: "judge", Flex: true, Bold: true, Show: func(q pipeline.JudgeQuality) string { return q.Judge }},
	{Title: "verdicts", Align: terminal.Right, Drop: 2, Show: func(q pipeline.JudgeQuality) string { return terminal.Count(q.Verdicts) }},
	{Title: "invalid", Align: terminal.Right, Show: func(q pipeline.JudgeQuality) string { return number(q.Invalid.Rate, 2) }},
	{Title: "ties", Align: terminal.Right, Drop: 1, Show: func(q pipeline.JudgeQuality) string { return number(q.Ties.Rate, 2) }},
	{Title: "consistent", Align: terminal.Right, Show: func(q pipeline.JudgeQuality) string { return number(q.Consistent.Rate, 2) }},
	{Title: "for the first", Align: terminal.Right, Show: func(q pipeline.JudgeQuality) string { return number(q.FirstSlot.Rate, 2) }},
	{Title: "as people", Align: terminal.Right, Drop: 3, Show: func(q pipeline.JudgeQuality) string { return number(q.Votes.Agreement.Rate, 2) }},
}

// overview has the judges side by side, where there are several.
func (w *sections) overview(rep *pipeline.JudgeReport) {
	if len(rep.Judges) < 2 {
		return
	}
	w.heading("Judges")
	printTable(w, overviewColumns, rep.Judges)
}
