package card

import (
	"fmt"
	"strconv"
	"strings"
)

// page is Markdown under way.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) heading(text string) {
	if !strings.HasSuffix(p.String(), "\n\n") {
		p.line("")
	}
	p.line("## %s\n", text)
}

// table writes rows; cells are Markdown already. Columns behind the first so many stand to the right.
func (p *page) table(left int, titles []string, rows [][]string) {
	rules := make([]string, len(titles))
	for i := range titles {
		if rules[i] = "---"; i >= left {
			rules[i] = "---:"
		}
	}
	for _, cells := range append([][]string{titles, rules}, rows...) {
		p.line("| %s |", strings.Join(cells, " | "))
	}
}

// body is the text of the page.
func body(c *Card) string {
	p := &page{}
	p.line("# %s\n", escape(c.Repo))
	p.line("%s", c.summary())
	p.sets(c)
	p.loading(c)
	p.leaderboard(c)
	p.chosen(c)
	p.judges(c)
	p.origin(c)
	p.verify(c)
	p.license(c)
	return p.String()
}

// summary says in a sentence or two what this is.
func (c *Card) summary() string {
	text := "Made by openarena, a tool that has language models answer prompts and judges compare the answers."
	if len(c.Models) > 0 && c.Prompts > 0 {
		text += fmt.Sprintf(" Here %s answered %s, and %s compared the answers.",
			many(len(c.Models), "model"), many(c.Prompts, "prompt"), many(len(c.Judges), "judge"))
	}
	return text + " All answers are by models: nobody checked them."
}

func (p *page) sets(c *Card) {
	if len(c.Sets) == 0 {
		return
	}
	p.heading("What is in it")
	var rows [][]string
	for _, s := range c.Sets {
		for _, f := range s.Files {
			rows = append(rows, []string{escape(s.Name), what[s.Type], escape(s.Trainer), f.Split, thousands(f.Rows)})
		}
	}
	p.table(4, []string{"config", "a row is", "made for", "split", "rows"}, rows)
}

// what a row of each type is.
var what = map[string]string{
	"ranked":     "a prompt with its answers, best first",
	"preference": "a prompt with a chosen and a rejected answer",
	"reward":     "a chosen and a rejected answer with the margin between them",
	"kto":        "a prompt with an answer that is good or bad",
	"sft":        "a prompt with the best answer to it",
	"battles":    "one judgment: who met, who judged, and what came of it",
	"ratings":    "a model with its rating",
}

func (p *page) loading(c *Card) {
	if len(c.Sets) == 0 {
		return
	}
	p.heading("How to load it")
	p.line("```python\nfrom datasets import load_dataset\n")
	for _, s := range c.Sets {
		for _, f := range s.Files {
			name := strings.ReplaceAll(s.Name, "-", "_")
			if f.Split != "train" {
				name += "_" + f.Split
			}
			p.line("%s = load_dataset(%s, %s, split=%s)", name, quoted(c.Repo), quoted(s.Name), quoted(f.Split))
		}
	}
	p.line("```")
}

func (p *page) leaderboard(c *Card) {
	if c.Board == nil || len(c.Board.Ratings) == 0 {
		return
	}
	p.heading("Leaderboard")
	var rows [][]string
	for _, r := range c.Board.Ratings {
		interval := "–"
		if r.Lower != nil && r.Upper != nil {
			interval = number(r.Lower) + " to " + number(r.Upper)
		}
		rank := "–"
		if r.Rank != nil {
			rank = strconv.Itoa(*r.Rank)
		}
		rating := number(r.Rating)
		if r.Provisional && r.Rating != nil {
			rating = "~" + rating
		}
		rows = append(rows, []string{rank, escape(r.Model), rating, interval, percent(r.WinRate), thousands(r.Battles), thousands(r.Ties)})
	}
	p.table(2, []string{"rank", "model", "rating", "95 %", "win rate", "battles", "ties"}, rows)
	if c.Method != "" {
		p.line("\n%s", escape(c.Method))
	}
	for _, note := range c.Board.Notes {
		p.line("\n%s", escape(note))
	}
	for _, chart := range c.Charts {
		p.line("\n![%s](%s)", escape(chart.Alt), chart.Path)
	}
}

// chosen says which rows were left out, and what to beware of in those that are there.
func (p *page) chosen(c *Card) {
	begun := false
	for _, s := range c.Sets {
		if s.Candidates == 0 && !s.Pairs && len(s.Lengths) == 0 {
			continue
		}
		if !begun {
			p.heading("How rows were chosen")
			begun = true
		}
		rows := 0
		for _, f := range s.Files {
			rows += f.Rows
		}
		text := fmt.Sprintf("**%s**: %s", escape(s.Name), many(rows, "row"))
		if s.Candidates > 0 {
			text += fmt.Sprintf(" of %s", many(s.Candidates, "candidate"))
		}
		if s.Pairs && rows > 0 {
			share := float64(s.LongerChosen) / float64(rows)
			text += fmt.Sprintf("; in %s the chosen answer is the longer one", percent(&share))
		}
		for i, l := range s.Lengths {
			if i == 0 {
				text += "; mean length in characters: "
			} else {
				text += ", "
			}
			text += fmt.Sprintf("%s %s", escape(l.Column), thousands(int(l.Mean+0.5)))
		}
		p.line("%s.\n", text)
		p.removed(s)
	}
}

func (p *page) removed(s Set) {
	var rows [][]string
	for _, r := range s.Removed {
		rows = append(rows, []string{escape(r.Filter), thousands(r.Rows)})
	}
	if len(rows) > 0 {
		p.table(1, []string{"left out by", "rows"}, rows)
		p.line("")
	}
}

func (p *page) judges(c *Card) {
	if len(c.Judges) == 0 {
		return
	}
	p.heading("Judges")
	var rows [][]string
	for _, j := range c.Judges {
		rows = append(rows, []string{
			escape(j.Name), escape(j.ID), escape(j.Protocol), thousands(int(j.Verdicts)), percent(j.Invalid), percent(j.Ties), percent(j.Consistent),
			percent(j.FirstSlot), percent(j.LongerWins),
		})
	}
	p.table(3, []string{"judge", "model", "protocol", "verdicts", "unreadable", "ties", "same in both orders", "first shown wins", "longer wins"}, rows)
	if c.Alpha != nil {
		p.line("\nAgreement of the judges over who wins, as Krippendorff's alpha: %.2f.", *c.Alpha)
	}
}

func (p *page) origin(c *Card) {
	if len(c.Models) > 0 {
		p.heading("Who answered")
		var rows [][]string
		for _, m := range c.Models {
			rows = append(rows, []string{escape(m.Name), escape(m.ID), escape(m.Revision), escape(m.Settings)})
		}
		p.table(4, []string{"model", "id", "revision", "settings"}, rows)
	}
	if len(c.Sources) > 0 {
		p.heading("Where the prompts come from")
		var rows [][]string
		for _, s := range c.Sources {
			rows = append(rows, []string{escape(s.Name), escape(s.Config), escape(s.Split), escape(s.Commit), thousands(s.Prompts)})
		}
		p.table(4, []string{"dataset", "config", "split", "commit", "prompts"}, rows)
	}
}

func (p *page) verify(c *Card) {
	if c.Manifest == "" {
		return
	}
	p.heading("How to verify it")
	p.line("`%s` holds the settings, the commits of the datasets, what the judges were asked and the SHA-256 of each file. "+
		"Whoever has the arena's database makes the files again, byte for byte, with `openarena verify FILE`.", c.Manifest)
}

func (p *page) license(c *Card) {
	p.heading("License")
	if c.License != "" {
		p.line("%s, as stated by the owner of this dataset.", escape(c.License))
	} else {
		p.line("**Not stated yet.** It is for the owner of this dataset to choose one, and to write it into the header of this page " +
			"(`license: …`) or to upload again with `--license`; until then nobody else may rely on any.")
	}
	p.line("\nWhat may be stated depends on the licenses of the prompts and on the terms of the models whose answers these are: some forbid " +
		"to train other models with them.")
}

func many(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(n) + " " + noun
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func number(x *float64) string {
	if x == nil {
		return "–"
	}
	if text := strconv.FormatFloat(*x, 'f', 0, 64); text != "-0" {
		return text
	}
	return "0"
}

func percent(x *float64) string {
	if x == nil {
		return "–"
	}
	return strconv.FormatFloat(100**x, 'f', 1, 64) + " %"
}
