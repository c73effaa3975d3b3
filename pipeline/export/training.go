package export

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"openarena/configs"
)

// training is a type of export as one trainer loads it.
type training struct {
	kind    string // preference, reward, kto or sft
	trainer string
	takes   takes
	columns []column
	row     func(b *scratch, row []value, x *example) []value // appends one value for each column
	fits    func(*Prompt) bool                                // the trainer takes such a conversation; nil: any
}

// takes says what one row of a type is about.
type takes uint8

const (
	takesPairs takes = iota
	takesBest        // the best answer to a prompt
	takesEvery       // all answers
)

func (t *training) has(m mode) bool {
	switch t.takes {
	case takesPairs:
		return m.pairs != nil
	case takesBest:
		return m.best != nil
	}
	return m.every != nil
}

// Trainers are those that exports are made for; the first is the default.
var Trainers = []string{"trl", "axolotl", "llama-factory", "openrlhf", "verl"}

// trainings are the types of export that depend on the trainer.
var trainings = map[string]map[string]*training{}

func registerTraining(t training, trainers ...string) struct{} {
	for _, name := range trainers {
		one := t
		one.trainer = name
		if trainings[t.kind] == nil {
			trainings[t.kind] = map[string]*training{}
		}
		trainings[t.kind][name] = &one
	}
	return struct{}{}
}

// Loaders are the trainers that load a type, in the order of Trainers; none: the type is for no trainer.
func Loaders(kind string) (names []string) {
	for _, name := range Trainers {
		if trainings[kind][name] != nil {
			names = append(names, name)
		}
	}
	return names
}

// chooseTraining finds what Options ask for.
func chooseTraining(o Options) (*training, mode, error) {
	trainer := o.For
	if trainer == "" {
		trainer = Trainers[0]
	}
	t := trainings[o.Type][trainer]
	if t == nil {
		loaders := strings.Join(Loaders(o.Type), ", ")
		if !slices.Contains(Trainers, trainer) {
			return nil, mode{}, &UsageError{fmt.Sprintf("unknown trainer %q; %s is loaded by %s", trainer, o.Type, loaders)}
		}
		return nil, mode{}, &UsageError{fmt.Sprintf("%s loads no %s data: %s; %s do", trainer, o.Type, configs.NotLoaded(o.Type, trainer), loaders)}
	}
	m, err := chooseMode(o.Mode, t)
	if err != nil {
		return nil, mode{}, err
	}
	return t, m, o.checkTraining(t, m)
}

// checkTraining refuses settings that would have no effect on the rows, beside those that make no sense.
func (o Options) checkTraining(t *training, m mode) error {
	switch {
	case configs.Unreadable(t.trainer, o.format()) != "":
		return &UsageError{fmt.Sprintf("%s loads no %s: %s; choose jsonl, json or parquet", t.trainer, o.Format, configs.Unreadable(t.trainer, o.Format))}
	case m.model && o.Model == "":
		return &UsageError{fmt.Sprintf("mode %s is about one model: name it", m.name)}
	case !m.model && o.Model != "":
		return &UsageError{fmt.Sprintf("a model is named, and mode %s is about all of them; target_lost and policy are about one", m.name)}
	case o.Thinking != "" && o.Thinking != ThinkingStrip && o.Thinking != ThinkingKeep:
		return &UsageError{fmt.Sprintf("thinking: there is no %q; there are %s and %s", o.Thinking, ThinkingStrip, ThinkingKeep)}
	case !(o.EvalSplit >= 0 && o.EvalSplit < 1):
		return &UsageError{fmt.Sprintf("eval_split: %v is no share below 1, such as 0.02", o.EvalSplit)}
	}
	if err := o.checkEffect(t); err != nil {
		return err
	}
	return o.checkFilters()
}

// example is one row before it has a trainer's shape.
type example struct {
	prompt           *Prompt
	chosen, rejected *Answer // of single answers chosen alone
	better, worse    string  // their texts, with or without thoughts
	contest          contest // of pairs
	place            int     // of single answers
	score            float64 // the same, 1 … 10
	label            bool    // of single answers: it is a good one
	scores           []mean  // of all answers
}

// table makes the table of a training.
func (t *training) table(o Options, m mode) table {
	columns := t.columns
	if o.WithMeta {
		columns = append(slices.Clone(columns), t.meta()...)
	}
	var s *selection
	return table{
		columns: columns,
		fill: func(ctx context.Context, a Arena, put func([]value) error) error {
			var seen *similarity
			if threshold := o.Filters.with().NearDuplicates; threshold > 0 {
				seen = newSimilarity(ctx, a, threshold)
			}
			s = newSelection(t, o, m, seen, put)
			for p, err := range a.Prompts(ctx, false) {
				if err != nil {
					return err
				}
				if err := s.see(p); err != nil {
					return err
				}
			}
			return nil
		},
		tell: func(sum *Summary) { s.tell(sum) },
		eval: func() bool { return inEval(s.example.prompt.Hash, o.EvalSplit) },
	}
}

// conversation is a prompt's messages, and behind them an answer if there is one, as records of that shape.
func (s *scratch) conversation(of *shape, p *Prompt, answer ...string) value {
	var few [16]value
	items := few[:0]
	for _, m := range p.Messages {
		items = append(items, s.record(of, text(speaker(of, m.Role)), text(m.Content)))
	}
	for _, a := range answer {
		items = append(items, s.record(of, text(speaker(of, "assistant")), text(a)))
	}
	return s.list(items...)
}

// reply is an answer as a record of that shape.
func (s *scratch) reply(of *shape, answer string) value {
	return s.record(of, text(speaker(of, "assistant")), text(answer))
}

// speaker is the name of a role in records of that shape.
func speaker(of *shape, role string) string {
	if of == aTurn {
		switch role {
		case "user":
			return "human"
		case "assistant":
			return "gpt"
		}
	}
	return role
}

// alternates reports whether user and assistant speak in turns, after one system message at most, and the user last.
func alternates(p *Prompt) bool {
	messages := p.Messages
	if len(messages) > 0 && messages[0].Role == "system" {
		messages = messages[1:]
	}
	for i, m := range messages {
		if m.Role != [...]string{"user", "assistant"}[i%2] {
			return false
		}
	}
	return len(messages)%2 == 1
}

// plainPrompt is a prompt as one text: the system's words, an empty line, the user's.
func plainPrompt(p *Prompt) string {
	var parts []string
	for _, m := range p.Messages {
		parts = append(parts, m.Content)
	}
	return strings.Join(parts, "\n\n")
}
