package judge

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"openarena/internal/spelling"
	"openarena/providers"
)

// Template is a judge's own wording, in place of its protocol's: the rules, their order, the language. What the reply must
// look like stays the protocol's.
type Template struct {
	user, system *template.Template // system: nil where the text defines none
	refers       bool
	alone        bool     // it shows one answer
	lacks        []string // see Lacks
}

// slots are what a template is rendered with, once: no text in them is ever a template itself. Prompt, answers and reference
// come in their fences.
type slots struct {
	Prompt           string
	AnswerA, AnswerB string
	Answer           string // in place of A and B where there is one
	Reference        string // "" where there is none
	Rubric           string // "" where there is none
	Analysis         string // what to write first; "" for nothing
	Form             string // what to reply with, in the protocol's words
	Verdicts         string // those the protocol knows; "" where it asks for none
	Nonce            string
}

var (
	variables     = []string{"Prompt", "AnswerA", "AnswerB", "Reference", "Rubric", "Analysis", "Form", "Verdicts", "Nonce"}
	soleVariables = []string{"Prompt", "Answer", "Reference", "Rubric", "Analysis", "Form", "Nonce"}
)

// ParseTemplate reads the text of a template for p: the user message, and beside it a system message where it has
// {{define "system"}}. Its errors begin with name and line. A template that could come to be rendered without both answers,
// or without the one there is, is one.
func ParseTemplate(p Protocol, name, text string) (*Template, error) {
	root, err := template.New(name).Parse(text)
	if err != nil {
		return nil, placed(err)
	}
	t := &Template{user: root, system: root.Lookup("system"), alone: Pointwise(p)}
	c := reader{wrong: map[parse.Pos]error{}, variables: variables}
	if t.alone {
		c.variables = soleVariables
	}
	for _, one := range root.Templates() {
		if c.tree = one.Tree; c.tree != nil {
			c.node(c.tree.Root)
		}
	}
	if len(c.wrong) > 0 {
		var all []error
		for _, at := range slices.Sorted(maps.Keys(c.wrong)) {
			all = append(all, c.wrong[at])
		}
		return nil, errors.Join(all...)
	}
	t.refers = c.refers
	return t, t.try(name)
}

// try renders the template with and without each of what may be absent. Nothing else decides what is rendered, so what fits
// now fits for every battle.
func (t *Template) try(name string) error {
	answers := []string{"AnswerA", "AnswerB"}
	if t.alone {
		answers = []string{"Answer"}
	}
	for present := range 1 << 4 {
		s := slots{Prompt: "\x00Prompt", AnswerA: "\x00AnswerA", AnswerB: "\x00AnswerB", Answer: "\x00Answer", Form: "\x00Form", Nonce: "nonce"}
		for i, optional := range []*string{&s.Reference, &s.Rubric, &s.Analysis, &s.Verdicts} {
			if present&(1<<i) != 0 {
				*optional = "there"
			}
		}
		messages, err := t.render(s)
		if err != nil {
			return placed(err)
		}
		all := ""
		for _, m := range messages {
			all += m.Content
		}
		for _, answer := range answers {
			if !strings.Contains(all, "\x00"+answer) {
				return fmt.Errorf("%s:1: a judge would not always see %s: write {{.%s}} where it belongs, outside of any condition", name, inProse(answer), answer)
			}
		}
		for _, useful := range []string{"Prompt", "Form"} {
			if !strings.Contains(all, "\x00"+useful) && !slices.Contains(t.lacks, useful) {
				t.lacks = append(t.lacks, useful)
			}
		}
	}
	return nil
}

// Lacks are those of Prompt and Form that a judge would not always see: it may do without, but hardly ever should.
func (t *Template) Lacks() []string { return t.lacks }

// inProse is the name of a variable for an answer as people say it.
func inProse(answer string) string {
	return strings.TrimSpace("answer " + strings.TrimPrefix(answer, "Answer"))
}

// messages are those of a question about c; s has what does not depend on its texts.
func (t *Template) messages(c Case, s slots) []providers.Message {
	fence := func(tag, text string) string { return strings.TrimRight(block(tag, s.Nonce, text), "\n") }
	s.Prompt = strings.TrimRight(c.prompt(s.Nonce), "\n")
	if t.alone {
		s.Answer = fence("answer", c.First)
	} else {
		s.AnswerA, s.AnswerB = fence("answer_a", c.First), fence("answer_b", c.Second)
	}
	if c.Reference != "" {
		s.Reference = fence("reference", c.Reference)
	}
	s.Rubric = strings.TrimRight(s.Rubric, "\n")
	messages, err := t.render(s)
	if err != nil {
		panic("judge: a template does not render that did when it was read: " + err.Error()) // try has seen every way through it
	}
	return messages
}

// render makes the messages of a question.
func (t *Template) render(s slots) ([]providers.Message, error) {
	var messages []providers.Message
	for _, part := range []struct {
		role string
		text *template.Template
	}{{"system", t.system}, {"user", t.user}} {
		if part.text == nil {
			continue
		}
		var b strings.Builder
		if err := part.text.Execute(&b, s); err != nil {
			return nil, err
		}
		messages = append(messages, providers.Message{Role: part.role, Content: strings.TrimSpace(b.String())})
	}
	return messages, nil
}

// placed is an error of text/template that begins with the file.
func placed(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "template: ")) }

// functions are those of text/template that look at nothing but whether something is there.
var functions = []string{"and", "or", "not"}

// reader looks for variables and functions that there are not, in branches too that are hardly ever taken.
type reader struct {
	tree      *parse.Tree
	wrong     map[parse.Pos]error
	variables []string // those there are
	refers    bool
	within    int // how many with are around
}

func (c *reader) node(n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			c.nodes(n.Nodes)
		}
	case *parse.ActionNode:
		c.node(n.Pipe)
	case *parse.IfNode:
		c.branch(&n.BranchNode)
	case *parse.RangeNode:
		c.fault(n, "range is not for templates: their variables are texts, with nothing to walk over")
	case *parse.WithNode:
		c.node(n.Pipe)
		c.within++
		c.node(n.List)
		c.within--
		c.node(n.ElseList)
	case *parse.TemplateNode:
		c.node(n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			for _, command := range n.Cmds {
				c.nodes(command.Args)
			}
		}
	case *parse.ChainNode:
		c.node(n.Node)
	case *parse.IdentifierNode:
		if !slices.Contains(functions, n.Ident) {
			c.fault(n, fmt.Sprintf("function %q is not for templates, which show texts as they are; there are %s", n.Ident, strings.Join(functions, ", ")))
		}
	case *parse.FieldNode:
		if c.within > 0 && slices.Contains(c.variables, n.Ident[0]) {
			c.fault(n, fmt.Sprintf("inside of with, the dot is the text that with names: write $.%s", n.Ident[0]))
			return
		}
		c.variable(n, n.Ident[0])
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 {
			c.variable(n, n.Ident[1])
		}
	}
}

func (c *reader) nodes(all []parse.Node) {
	for _, n := range all {
		c.node(n)
	}
}

func (c *reader) branch(n *parse.BranchNode) {
	c.node(n.Pipe)
	c.node(n.List)
	c.node(n.ElseList)
}

func (c *reader) variable(n parse.Node, name string) {
	c.refers = c.refers || name == "Reference"
	if slices.Contains(c.variables, name) {
		return
	}
	hint := spelling.Hint(name, c.variables)
	if hint == "" {
		hint = "; there are " + strings.Join(c.variables, ", ")
	}
	c.fault(n, fmt.Sprintf("unknown variable %q%s", name, hint))
}

func (c *reader) fault(n parse.Node, what string) {
	place, _ := c.tree.ErrorContext(n)
	c.wrong[n.Position()] = errors.New(place + ": " + what)
}
