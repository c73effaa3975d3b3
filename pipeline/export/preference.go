package export

import "strings"

// A pair of answers to a prompt, the better one and the worse. See docs/exports.md for where each trainer's shape is from.
var (
	pairColumns = []column{{"prompt", listOfMessages}, {"chosen", listOfMessages}, {"rejected", listOfMessages}}

	_ = registerTraining(training{kind: "preference", columns: pairColumns, row: pairRow}, "trl", "openrlhf")

	// Axolotl looks for an answer in what a chat template made of it, and templates trim.
	_ = registerTraining(training{
		kind: "preference", columns: []column{{"chosen", listOfMessages}, {"rejected", listOfMessages}},
		row: func(b *scratch, row []value, x *example) []value {
			better, worse := strings.TrimSpace(x.better), strings.TrimSpace(x.worse)
			return append(row, b.conversation(aMessage, x.prompt, better), b.conversation(aMessage, x.prompt, worse))
		},
	}, "axolotl")

	_ = registerTraining(training{
		kind: "preference", columns: []column{{"conversations", listOfTurns}, {"chosen", aTurn}, {"rejected", aTurn}}, fits: alternates,
		row: func(b *scratch, row []value, x *example) []value {
			return append(row, b.conversation(aTurn, x.prompt), b.reply(aTurn, x.better), b.reply(aTurn, x.worse))
		},
	}, "llama-factory")

	// Without a chat template nothing marks who speaks, so that a prompt must be one turn.
	_ = registerTraining(training{
		kind: "preference", columns: []column{{"prompt", aText}, {"chosen", aText}, {"rejected", aText}},
		fits: func(p *Prompt) bool { _, ok := onlyTurn(p.Messages); return ok },
		row: func(_ *scratch, row []value, x *example) []value {
			return append(row, text(plainPrompt(x.prompt)), text(x.better), text(x.worse))
		},
	}, "verl")
)

func pairRow(b *scratch, row []value, x *example) []value {
	return append(row, b.conversation(aMessage, x.prompt), b.list(b.reply(aMessage, x.better)), b.list(b.reply(aMessage, x.worse)))
}
