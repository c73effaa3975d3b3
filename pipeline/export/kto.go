package export

// An answer and whether it is a good one.
var (
	_ = registerTraining(training{
		kind: "kto", takes: takesEvery, columns: []column{{"prompt", listOfMessages}, {"completion", listOfMessages}, {"label", aTruth}},
		row: func(b *scratch, row []value, x *example) []value {
			return append(row, b.conversation(aMessage, x.prompt), b.list(b.reply(aMessage, x.better)), truth(x.label))
		},
	}, "trl")

	_ = registerTraining(training{
		kind: "kto", takes: takesEvery, columns: []column{{"completion", listOfMessages}, {"label", aTruth}},
		row: func(b *scratch, row []value, x *example) []value {
			return append(row, b.conversation(aMessage, x.prompt, x.better), truth(x.label))
		},
	}, "axolotl")

	_ = registerTraining(training{
		kind: "kto", takes: takesEvery, columns: []column{{"conversations", listOfTurns}, {"label", aTruth}}, fits: alternates,
		row: func(b *scratch, row []value, x *example) []value {
			return append(row, b.conversation(aTurn, x.prompt, x.better), truth(x.label))
		},
	}, "llama-factory")
)
