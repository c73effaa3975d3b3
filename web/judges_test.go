package web

import (
	"strings"
	"testing"

	"openarena/pipeline"
)

// TestJudges: each topic stands there with its picture, its table, and what it means.
func TestJudges(t *testing.T) {
	text := newWorld(t).page("/judges")
	for _, want := range []string{
		"Out of line", "Agreement between judges", "Cohen&#39;s kappa", "Position bias", `id="position-1-title"`, `id="position-3-desc"`, "Length and style", "Ties",
		"Unreadable verdicts", "Nothing was asked twice", "Its own family", "Without Second", "Nobody has voted yet", "Time, tokens and cost", "Worry:", "دلتا",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, not := range []string{"NaN", "Inf", "<nil>", "%!"} {
		if strings.Contains(text, not) {
			t.Errorf("the page holds %q", not)
		}
	}
}

// TestJudgesDegenerate: whatever there is not, the page says so, and makes nothing up.
func TestJudgesDegenerate(t *testing.T) {
	third := 1.0 / 3
	rate := func() pipeline.Rate { return pipeline.Rate{N: 3, Count: 1, Rate: &third, Lower: &third, Upper: &third} }
	pointwise := pipeline.JudgeQuality{Judge: "Scores <b>", Conduct: pipeline.Conduct{Verdicts: 3, Ties: rate(), Invalid: rate(), Reasons: map[string]int64{"empty": 1}}}
	voted := pointwise
	voted.Votes = pipeline.VoteAgreement{Agreement: rate()}
	for about, c := range map[string]struct {
		rep  pipeline.JudgeReport
		want []string
	}{
		"nobody has judged":       {pipeline.JudgeReport{Judges: []pipeline.JudgeQuality{{Judge: "Idle"}}}, []string{"No judge has said anything yet"}},
		"no judges":               {pipeline.JudgeReport{}, []string{"No judge has said anything yet"}},
		"one judge, pointwise":    {pipeline.JudgeReport{Judges: []pipeline.JudgeQuality{pointwise}}, []string{"There is one judge", "is shown no order", "Scores &lt;b&gt;", "empty 1"}},
		"two that never met":      {pipeline.JudgeReport{Judges: []pipeline.JudgeQuality{pointwise, {Judge: "Idle"}}}, []string{"kappas", "–"}},
		"votes, nobody with most": {pipeline.JudgeReport{Judges: []pipeline.JudgeQuality{voted}, Votes: pipeline.VoteReport{Votes: 3, Voters: 1, Battles: 3, Judges: []pipeline.JudgeVoter{{Judge: "Scores <b>", Voter: "ann<i>", Agreement: rate()}}}}, []string{"ann&lt;i&gt; in 0.33 of 3 battles; kappa –", "Votes: 3, of 1"}},
	} {
		v, err := newJudgesView(&c.rep)
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		text := drawn(t, "judges", v)
		for _, want := range append(c.want, "<h1>Judges</h1>") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: the page lacks %q:\n%s", about, want, text)
			}
		}
		if strings.Contains(text, "NaN") || strings.Contains(text, "<b>") {
			t.Errorf("%s: the page holds what it must not:\n%s", about, text)
		}
	}
}

// drawn is a page with that content.
func drawn(t *testing.T, name string, content any) string {
	t.Helper()
	s, err := newSkin(siteHref)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := s.draw(&b, name, sheet{Title: name, Main: content}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
