package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"openarena/internal/terminal"
	"openarena/pipeline"
	"openarena/pipeline/export"
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
	prompt, err := view.Find(ctx, hash)
	if err != nil {
		return err
	}
	if c.Bool("json") {
		return printJSON(e.data(), shownOf(prompt))
	}
	return e.printPrompt(c, prompt)
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

func (e *environment) printPrompt(c *cli.Context, prompt *export.Prompt) error {
	p := e.palette(c, e.out)
	w := &lines{w: e.out}
	styled := func(s string) { // after sanitising: the style is ours
		if w.err == nil {
			_, w.err = fmt.Fprintln(e.out, s)
		}
	}
	styled(p.Bold("Prompt ") + p.Dim(prompt.Hash))
	if prompt.Category != "" {
		styled(p.Dim("category: ") + terminal.SanitizeLine(prompt.Category))
	}
	for _, m := range prompt.Messages {
		if len(prompt.Messages) > 1 {
			styled(p.Dim(terminal.SanitizeLine(m.Role) + ":"))
		}
		w.print("%s", m.Content)
	}
	for _, a := range prompt.Answers {
		styled("\n" + p.Bold(terminal.SanitizeLine(answerName(prompt, a))))
		w.print("%s", strings.TrimSpace(a.Text))
	}
	for _, j := range prompt.Judgments {
		first, second := prompt.Answers[j.First], prompt.Answers[j.Second]
		styled("\n" + p.Bold("Battle ") + terminal.SanitizeLine(fmt.Sprintf("A = %s, B = %s, judged by %s",
			answerName(prompt, first), answerName(prompt, second), j.Judge)))
		styled(p.Cyan(terminal.SanitizeLine(verdictLine(j))))
		if j.Explanation != "" {
			w.print("%s", strings.TrimSpace(j.Explanation))
		}
	}
	return w.err
}

// answerName is the model, with the sample where there are several.
func answerName(p *export.Prompt, a export.Answer) string {
	for _, other := range p.Answers {
		if other.Model == a.Model && other.Sample != a.Sample {
			return fmt.Sprintf("%s, sample %d", a.Model, a.Sample+1)
		}
	}
	return a.Model
}

func verdictLine(j export.Judgment) string {
	text := j.Verdict
	if j.State == "invalid" {
		text = "invalid: " + j.Reason
	}
	if j.ScoreFirst != nil && j.ScoreSecond != nil {
		text += fmt.Sprintf("   scores %s : %s", number(j.ScoreFirst, -1), number(j.ScoreSecond, -1))
	}
	if len(j.Flags) > 0 {
		text += "   " + strings.Join(j.Flags, ", ")
	}
	switch {
	case j.Short:
		text += "   does not count: too few judges gave a valid verdict"
	case j.Weight == 0 && j.State != "invalid":
		text += "   does not count: others of the panel decide"
	}
	if j.Attempts > 1 {
		text += fmt.Sprintf("   asked %d times", j.Attempts)
	}
	return text
}
