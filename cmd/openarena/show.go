package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/columns"
	"openarena/pipeline/judge"
)

func showCommand(e *environment) *cli.Command {
	return &cli.Command{
		Name: "show", Usage: "one prompt: its answers, battles, verdicts and explanations",
		ArgsUsage:   "[HASH]",
		Description: withCodes("HASH is the beginning of a prompt's hash; without it, the first prompt that was judged.\n\n  openarena show 3f9a", readCodes...),
		Flags:       flags(jsonFlag()),
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return usage("show takes one prompt hash; got %q", c.Args().Slice())
			}
			return e.show(c)
		},
	}
}

func (e *environment) show(c *cli.Context) error {
	ctx := e.signals.soft
	hash, err := chosenPrompt(c.Args().First())
	if err != nil {
		return err
	}
	a, err := e.arena(c, pipeline.Trial{})
	if err != nil {
		return err
	}
	r, view, err := e.view(ctx, a)
	if err != nil {
		return err
	}
	defer r.close()
	found, err := view.Find(ctx, hash)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), shownOf(view, found))
	}
	return e.printPrompt(c, view, found)
}

// chosenPrompt reads a hash as it was typed; "" chooses none.
func chosenPrompt(typed string) (pipeline.HashPrefix, error) {
	if typed == "" {
		return "", nil
	}
	prefix, err := pipeline.ParseHash(typed)
	if err != nil {
		return "", &exitError{exitUsage, err}
	}
	return prefix, nil
}

// dossierPrinter prints a prompt with all that was said.
type dossierPrinter struct {
	*lines
	terminal.Palette
	view *pipeline.View
	of   *pipeline.Dossier
}

func (e *environment) printPrompt(c *cli.Context, view *pipeline.View, d *pipeline.Dossier) error {
	p := dossierPrinter{&lines{w: e.out}, e.palette(c, e.out), view, d}
	p.printQuestion()
	for i := range d.Answers {
		p.printAnswer(&d.Answers[i])
	}
	for i := range d.Battles {
		p.printMeeting(&d.Battles[i])
	}
	return p.err
}

// styled prints a line after sanitising: the style is ours.
func (p *dossierPrinter) styled(s string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, s)
	}
}

func (p *dossierPrinter) printQuestion() {
	p.styled(p.Bold("Prompt ") + p.Dim(p.of.Prompt.String()))
	if category := p.of.Listed[0].Category; category != "" {
		p.styled(p.Dim("category: ") + terminal.SanitizeLine(category))
	}
	for _, m := range p.of.Messages {
		if len(p.of.Messages) > 1 {
			p.styled(p.Dim(terminal.SanitizeLine(m.Role) + ":"))
		}
		p.print("%s", m.Content)
	}
}

func (p *dossierPrinter) printAnswer(a *pipeline.Answer) {
	switch {
	case a.Said != nil:
		p.styled("\n" + p.Bold(terminal.SanitizeLine(a.Label())))
		p.print("%s", strings.TrimSpace(a.Said.Text))
	case a.Loss != nil:
		p.styled("\n" + p.Bold(terminal.SanitizeLine(a.Label())))
		p.print("no answer (%s): %s", a.Loss.Reason, a.Loss.Message)
	}
}

func (p *dossierPrinter) printMeeting(m *pipeline.Meeting) {
	said := false
	for i := range m.Opinions {
		o := &m.Opinions[i]
		for k := range o.Verdicts {
			if r := &o.Verdicts[k]; r.There && r.Repeat == 0 {
				said = true
				p.printRuling(m, o, r)
			}
		}
	}
	if said {
		result := append([]string{p.of.Result(m)}, p.view.Grounds(m)...)
		p.styled("\n" + p.Bold("Outcome ") + terminal.SanitizeLine(strings.Join(result, ". ")))
	}
}

func (p *dossierPrinter) printRuling(m *pipeline.Meeting, o *pipeline.Opinion, r *pipeline.Ruling) {
	first, second := &p.of.Answers[r.First], &p.of.Answers[r.Second]
	p.styled("\n" + p.Bold("Battle ") + terminal.SanitizeLine(fmt.Sprintf("A = %s, B = %s, judged by %s", first.Label(), second.Label(), o.Name)))
	p.styled(p.Cyan(terminal.SanitizeLine(verdictLine(m, o, r))))
	if r.Explanation != "" {
		p.print("%s", strings.TrimSpace(r.Explanation))
	}
}

func verdictLine(m *pipeline.Meeting, o *pipeline.Opinion, r *pipeline.Ruling) string {
	text := r.Label()
	if r.State == judge.Invalid {
		text = "invalid: " + r.Reason
	}
	if r.ScoreA != nil && r.ScoreB != nil {
		text += fmt.Sprintf("   scores %s : %s", number(r.ScoreA, -1), number(r.ScoreB, -1))
	}
	if len(r.Flags) > 0 {
		text += "   " + strings.Join(r.Flags, ", ")
	}
	switch {
	case m.Outcome == columns.TooFew:
		text += "   does not count: too few judges gave a valid verdict"
	case !o.Heard && r.State != judge.Invalid:
		text += "   does not count: others of the panel decide"
	}
	if r.Calls > 1 {
		text += fmt.Sprintf("   asked %d times", r.Calls)
	}
	return text
}
