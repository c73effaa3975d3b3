package dataset

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"openarena/providers"
)

// prompter builds prompts from the fields of a row.
type prompter struct{ t *template.Template }

func newPrompter(text string) (*prompter, error) {
	t, err := template.New("template").Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "template: "))
	}
	return &prompter{t}, nil
}

var noEntry = regexp.MustCompile(`at <(\.[^>]*)>: map has no entry for key "(.*)"$`)

// prompt is the filled template as one user message. Errors are badRow.
func (p *prompter) prompt(o *Object) ([]providers.Message, error) {
	var b strings.Builder
	if err := p.t.Execute(&b, plain(o)); err != nil {
		m := noEntry.FindStringSubmatch(err.Error())
		if m != nil && m[1] == "."+m[2] { // a field of the row itself, whose names are known
			return nil, badRow("template: " + noField(m[2], o).Error())
		}
		return nil, badRow(fmt.Sprint("the template cannot be filled: ", strings.TrimPrefix(err.Error(), "template: ")))
	}
	return user(b.String(), "the filled template")
}
