package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
)

// judgeReport says how far the judges can be trusted. It calls nobody and works while a run is active.
func (e *environment) judgeReport(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if c.IsSet("limit") || c.IsSet("model") || c.IsSet("dataset") || c.IsSet("reuse") {
		return usage("judge --report looks at all verdicts: --limit, --model, --dataset and --reuse do not go with it")
	}
	rep, err := e.reported(c)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), rep)
	}
	return e.printJudgeReport(c, rep)
}

func (e *environment) reported(c *cli.Context) (*pipeline.JudgeReport, error) {
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return nil, err
	}
	r, err := e.read(e.signals.soft, a, false)
	if err != nil {
		return nil, err
	}
	defer r.close()
	return a.Report(e.signals.soft, r.reader)
}

// measure is a line on a judge: a figure, its interval, and what it rests on.
type measure struct {
	name, value, interval, n string
}

var measureColumns = []terminal.Column[measure]{
	{Title: "", Flex: true, Show: func(m measure) string { return m.name }},
	{Title: "rate", Align: terminal.Right, Bold: true, Show: func(m measure) string { return m.value }},
	{Title: "95 %", Drop: 1, Show: func(m measure) string { return m.interval }},
	{Title: "of", Align: terminal.Right, Show: func(m measure) string { return m.n }},
}

func (e *environment) printJudgeReport(c *cli.Context, rep *pipeline.JudgeReport) error {
	w := sections{environment: e, c: c}
	w.overview(rep)
	for i := range rep.Judges {
		w.judge(&rep.Judges[i])
	}
	w.panel(rep)
	w.voters(rep)
	w.without(rep)
	w.heading("Out of line")
	if len(rep.Findings) == 0 {
		w.sentence("Nothing.")
	}
	for _, f := range rep.Findings {
		w.sentence("- " + f)
	}
	return w.err
}

// sections prints tables under headings and keeps the first error.
type sections struct {
	*environment
	c    *cli.Context
	some bool // something was printed
	err  error
}

func (w *sections) heading(text string) {
	if w.some {
		w.line("")
	}
	w.some = true
	for line := range strings.Lines(broken(terminal.SanitizeLine(text), terminal.Columns(w.out))) {
		w.line(w.palette(w.c, w.out).Bold(strings.TrimSuffix(line, "\n")))
	}
}

// line prints a text that is safe already.
func (w *sections) line(text string) {
	if w.err == nil {
		_, w.err = fmt.Fprintln(w.out, text)
	}
}

func (w *sections) sentence(text string) {
	if w.err == nil {
		w.err = paragraph(w.out, text)
	}
}

func printTable[R any](w *sections, columns []terminal.Column[R], rows []R) {
	if w.err == nil && len(rows) > 0 {
		w.err = terminal.Table[R]{Columns: columns, Rows: rows}.Text(w.out, terminal.Columns(w.out), w.palette(w.c, w.out))
	}
}

func (w *sections) judge(q *pipeline.JudgeQuality) {
	w.heading(fmt.Sprintf("%s (%s, %s): %s", q.Judge, q.ModelID, q.Protocol, count(q.Verdicts, "verdict")))
	printTable(w, measureColumns, measures(q))
	if len(q.Reasons) > 0 {
		w.sentence("invalid: " + tallied(q.Reasons))
	}
	if n := q.Consistent.N; n > 0 {
		f := q.Flips
		w.sentence(fmt.Sprintf("levels between the orders, 0 to 4: %d, %d, %d, %d, %d of %s", f[0], f[1], f[2], f[3], f[4], count(n, "battle")))
	}
	if len(q.Flags) > 0 {
		w.sentence("flags: " + tallied(q.Flags))
	}
	w.sentence(fmt.Sprintf("%s, %s tokens in, %s out, cost %s; latency p50 %s, p95 %s", count(q.Calls, "call"), terminal.Tokens(q.Tokens.Input),
		terminal.Tokens(q.Tokens.Output), terminal.Money(q.CostUSD), milliseconds(q.Latency.P50), milliseconds(q.Latency.P95)))
	rows := slices.DeleteFunc(slices.Clone(q.Contestants), func(c pipeline.ContestantConduct) bool { return c.Verdicts == 0 })
	if len(rows) > 0 {
		w.line("")
		printTable(w, contestantColumns, rows)
	}
}

func milliseconds(ms *float64) string {
	if ms == nil {
		return "n/a"
	}
	return fmt.Sprintf("%.0f ms", *ms)
}

// measures are the lines on one judge.
func measures(q *pipeline.JudgeQuality) []measure {
	kin := measure{name: "lift of its own family", value: number(q.OwnFamily.Lift, 2), interval: "–", n: rested(q.OwnFamily.N)}
	if l := q.OwnFamily; l.Lower != nil {
		kin.interval = fmt.Sprintf("[%.2f, %.2f]", *l.Lower, *l.Upper)
	}
	v := q.Votes
	ofVotes := func(name string, x *float64) measure {
		return measure{name, number(x, 2), "–", rested(v.Agreement.N)}
	}
	return []measure{
		rated("invalid", q.Invalid),
		rated("ties", q.Ties),
		rated("consistent in both orders", q.Consistent),
		rated("for the answer shown first", q.FirstSlot),
		rated("the same when asked again", q.SelfConsistency),
		rated("scores say otherwise", q.Contradictions),
		rated("for the longer answer", q.LongerWins),
		kin,
		rated("agrees with people", v.Agreement),
		rated("… where neither ties", v.WithoutTies),
		ofVotes("… kappa", v.Kappa),
		ofVotes("… Brier score", v.Brier),
		ofVotes("… log loss", v.LogLoss),
	}
}

func rated(name string, r pipeline.Rate) measure {
	return measure{name, number(r.Rate, 2), interval(r), rested(r.N)}
}

func interval(r pipeline.Rate) string {
	if r.Lower == nil {
		return "–"
	}
	return fmt.Sprintf("[%.2f, %.2f]", *r.Lower, *r.Upper)
}

// rested is what a figure rests on; nothing is a dash.
func rested(n int64) string {
	if n == 0 {
		return "–"
	}
	return terminal.Count(n)
}

// rateOf is a rate with what it rests on, for tables with many of them.
func rateOf(r pipeline.Rate) string {
	if r.Rate == nil {
		return "–"
	}
	return number(r.Rate, 2) + " of " + terminal.Count(r.N)
}

var contestantColumns = []terminal.Column[pipeline.ContestantConduct]{
	{Title: "on battles of", Flex: true, Bold: true, Show: func(c pipeline.ContestantConduct) string { return c.Model }},
	{Title: "invalid", Align: terminal.Right, Show: func(c pipeline.ContestantConduct) string { return rateOf(c.Invalid) }},
	{Title: "ties", Align: terminal.Right, Drop: 1, Show: func(c pipeline.ContestantConduct) string { return rateOf(c.Ties) }},
	{Title: "consistent", Align: terminal.Right, Drop: 2, Show: func(c pipeline.ContestantConduct) string { return rateOf(c.Consistent) }},
	{Title: "for the first", Align: terminal.Right, Drop: 3, Show: func(c pipeline.ContestantConduct) string { return rateOf(c.FirstSlot) }},
	{Title: "flips 0–4", Align: terminal.Right, Drop: 4, Show: func(c pipeline.ContestantConduct) string { return flips(c.Flips) }},
}

func flips(n [5]int64) string {
	if n == ([5]int64{}) {
		return "–"
	}
	return strings.Trim(fmt.Sprint(n), "[]")
}

func (w *sections) panel(rep *pipeline.JudgeReport) {
	if len(rep.Pairs) == 0 {
		return
	}
	w.heading("Judges among themselves")
	printTable(w, []terminal.Column[pipeline.JudgePair]{
		{Title: "judge", Flex: true, Show: func(p pipeline.JudgePair) string { return p.Judges[0] }},
		{Title: "judge", Flex: true, Show: func(p pipeline.JudgePair) string { return p.Judges[1] }},
		{Title: "the same", Align: terminal.Right, Drop: 1, Show: func(p pipeline.JudgePair) string { return rateOf(p.Agreement) }},
		{Title: "kappa", Align: terminal.Right, Bold: true, Show: func(p pipeline.JudgePair) string { return number(p.Kappa, 2) }},
	}, rep.Pairs)
	p := rep.Panel
	w.sentence(fmt.Sprintf("Krippendorff's alpha of the panel: %s over who wins, %s over by how much (ordinal), on %s.",
		number(p.Nominal, 2), number(p.Ordinal, 2), count(p.N, "battle")))
	if p.UnsureOnly {
		w.sentence("Judges of a cascade meet only over the battles that the one before was not sure of, and agree less there than elsewhere; with mode: mean they meet over all.")
	}
}

func (w *sections) voters(rep *pipeline.JudgeReport) {
	v := rep.Votes
	if v.Votes == 0 {
		return
	}
	w.heading("People")
	printTable(w, []terminal.Column[pipeline.VoterPair]{
		{Title: "voter", Flex: true, Show: func(p pipeline.VoterPair) string { return p.Voters[0] }},
		{Title: "voter", Flex: true, Show: func(p pipeline.VoterPair) string { return p.Voters[1] }},
		{Title: "the same", Align: terminal.Right, Drop: 1, Show: func(p pipeline.VoterPair) string { return rateOf(p.Agreement) }},
		{Title: "kappa", Align: terminal.Right, Bold: true, Show: func(p pipeline.VoterPair) string { return number(p.Kappa, 2) }},
	}, v.Pairs)
	w.sentence(fmt.Sprintf("%s of %s on %s. Krippendorff's alpha among them: %s on %s that two or more have voted on.",
		count(v.Votes, "vote"), count(v.Voters, "voter"), count(v.Battles, "battle"), number(v.Alpha, 2), count(v.N, "battle")))
}

// leftRow is a contestant with its rating as it is, and without each of the judges.
type leftRow struct {
	pipeline.LeftRating
	without []*float64
}

func (w *sections) without(rep *pipeline.JudgeReport) {
	if len(rep.Without) == 0 {
		return
	}
	w.heading("Ratings with all judges, and without each")
	var rows []leftRow
	for i, r := range rep.Full {
		row := leftRow{LeftRating: r}
		for _, left := range rep.Without {
			row.without = append(row.without, left.Ratings[i].Rating)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(x, y leftRow) int { return place(x) - place(y) })
	columns := []terminal.Column[leftRow]{
		{Title: "model", Flex: true, Bold: true, Show: func(r leftRow) string { return r.Model }},
		{Title: "all", Align: terminal.Right, Show: func(r leftRow) string { return number(r.Rating, 0) }},
	}
	for i, left := range rep.Without {
		columns = append(columns, terminal.Column[leftRow]{Title: "no " + left.Judge, Align: terminal.Right, Drop: i + 1,
			Show: func(r leftRow) string { return number(r.without[i], 0) }})
	}
	printTable(w, columns, rows)
}

// place puts those without a rating last.
func place(r leftRow) int {
	if r.Place == 0 {
		return 1 << 30
	}
	return r.Place
}
