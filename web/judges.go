package web

import (
	"fmt"
	"slices"

	"openarena/internal/plot"
	"openarena/internal/terminal"
	"openarena/pipeline"
)

var judgesPage = page{name: "judges", path: "/judges", title: "Judges", make: makeJudges}

// judgesView is the judge report as pictures, with what they mean beside them.
type judgesView struct {
	Report *pipeline.JudgeReport
	Silent bool // no judge has said anything
	Topics []topic
}

// topic is one thing that judges are asked about.
type topic struct {
	ID, Title string
	Means     string // what the figures are
	Worry     string // when to worry
	Pictures  []captioned
	Head      []string
	Rows      []judgeRow
	Texts     []int      // which cells of a row are words, not figures
	Heat      []heatLine // a matrix in place of rows
	Words     []string
}

type captioned struct{ SVG, Text string }

// judgeRow is a row of a table: what it is about, then figures.
type judgeRow struct {
	Name  string
	Cells []string
}

type heatLine struct {
	Name  string
	Cells []heatKappa
}

// heatKappa is a cell of the matrix of judges.
type heatKappa struct{ Text, Small, Shade string }

// Figure reports whether a column of the head holds figures, CellFigure whether a cell does.
func (t topic) Figure(column int) bool { return column > 0 && t.CellFigure(column-1) }

func (t topic) CellFigure(cell int) bool { return !slices.Contains(t.Texts, cell) }

func makeJudges(v *visit) (any, error) {
	return kept(v, "judges", func() (*judgesView, error) {
		rep, err := v.arena.Report(v, v.look)
		if err != nil {
			return nil, err
		}
		return newJudgesView(rep)
	})
}

func newJudgesView(rep *pipeline.JudgeReport) (*judgesView, error) {
	j := &judgesView{Report: rep, Silent: true}
	for _, q := range rep.Judges {
		j.Silent = j.Silent && q.Verdicts == 0
	}
	if j.Silent {
		return j, nil
	}
	for _, of := range []func(*pipeline.JudgeReport) (topic, error){
		agreeing, position, lengths, ties, unreadable, selfConsistency, families, withoutEach, people, effort,
	} {
		t, err := of(rep)
		if err != nil {
			return nil, err
		}
		j.Topics = append(j.Topics, t)
	}
	return j, nil
}

// rateLine is a rate with its interval and what it rests on.
func rateLine(name string, r pipeline.Rate) judgeRow { return judgeRow{name, rateCells(r)} }

// rateHead is the head of what rateLine makes.
var rateHead = []string{"Judge", "Rate", "95 %", "Of"}

func rateCells(r pipeline.Rate) []string {
	if r.Rate == nil {
		return []string{"–", "–", "–"}
	}
	return []string{number(r.Rate, 2), fmt.Sprintf("%.2f to %.2f", *r.Lower, *r.Upper), terminal.Count(r.N)}
}

// ratePicture draws one rate of each judge, beside a line that is fair.
func (t *topic) ratePicture(rep *pipeline.JudgeReport, caption string, fair *float64, lineName string, of func(*pipeline.JudgeQuality) pipeline.Rate) error {
	s := plot.Shares{Title: t.Title, Line: fair, LineName: lineName}
	some := false
	for i := range rep.Judges {
		q := &rep.Judges[i]
		r := of(q)
		some = some || r.Rate != nil
		s.Rows = append(s.Rows, plot.Share{Name: q.Judge, Rate: r.Rate, Lower: r.Lower, Upper: r.Upper})
		s.Says += q.Judge + " " + number(r.Rate, 2) + ". "
	}
	if !some {
		return nil
	}
	svg, err := s.Inline(fmt.Sprintf("%s-%d", t.ID, len(t.Pictures)+1))
	t.Pictures = append(t.Pictures, captioned{svg, caption})
	return err
}

// stackPicture draws what makes up something of each judge.
func (t *topic) stackPicture(caption string, s plot.Stacks) error {
	some := int64(0)
	for _, r := range s.Rows {
		for _, n := range r.Counts {
			some += n
		}
	}
	if some == 0 || len(s.Parts) == 0 {
		return nil
	}
	s.Title, s.Says = t.Title, caption
	svg, err := s.Inline(fmt.Sprintf("%s-%d", t.ID, len(t.Pictures)+1))
	t.Pictures = append(t.Pictures, captioned{svg, caption})
	return err
}
