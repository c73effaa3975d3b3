package main

import (
	"fmt"
	"io"
	"strings"

	"openarena/internal/terminal"
	"openarena/pipeline/doctor"
)

// show prints a section of findings, unless JSON is wanted: then all of it comes at the end.
func (d *checkup) show(title string, all []doctor.Finding) error {
	if d.c.Bool("json") || len(all) == 0 {
		return nil
	}
	return printFindings(d.out, title, all, terminal.Columns(d.out), d.palette(d.c, d.out))
}

// Columns of a line of findings: what it came to, and what was looked at.
const (
	stateWidth = 7
	checkWidth = 10
	margin     = 2 + stateWidth + 2 + checkWidth + 2
	narrowest  = 24 // of what is said, before it goes below its line
)

// printFindings prints them below a title. On a terminal sentences are broken and hang below their beginning; elsewhere each
// finding is one line, and what to do follows behind an arrow.
func printFindings(w io.Writer, title string, all []doctor.Finding, columns int, p terminal.Palette) error {
	var b strings.Builder
	if title = terminal.SanitizeLine(title); columns > 0 {
		title = terminal.Truncate(title, columns)
	}
	fmt.Fprintln(&b, p.Bold(title))
	for _, f := range all {
		check := f.Check
		says := f.Says
		if f.Model != "" {
			says = f.Model + ": " + says
		}
		b.WriteString("  " + painted(f.State, p) + "  " + fmt.Sprintf("%-*s", checkWidth, check) + "  ")
		if columns == 0 {
			b.WriteString(terminal.SanitizeLine(says))
			if f.Todo != "" {
				b.WriteString(" → " + terminal.SanitizeLine(f.Todo))
			}
			b.WriteByte('\n')
			continue
		}
		indent, width := margin, columns-margin
		if width < narrowest {
			indent, width = 4, max(columns-4, 1)
			b.WriteString("\n" + strings.Repeat(" ", indent))
		}
		hang := "\n" + strings.Repeat(" ", indent)
		b.WriteString(strings.ReplaceAll(broken(terminal.SanitizeLine(says), width), "\n", hang))
		if f.Todo != "" {
			b.WriteString(hang + "→ " + strings.ReplaceAll(broken(terminal.SanitizeLine(f.Todo), max(width-2, 1)), "\n", hang+"  "))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func painted(s doctor.State, p terminal.Palette) string {
	text := fmt.Sprintf("%-*s", stateWidth, s)
	switch s {
	case doctor.OK:
		return p.Green(text)
	case doctor.Warning:
		return p.Yellow(text)
	case doctor.Failed:
		return p.Red(text)
	}
	return p.Dim(text)
}
