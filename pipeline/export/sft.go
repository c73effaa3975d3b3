package export

// The conversation with the best answer at its end.
var (
	_ = registerTraining(training{
		kind: "sft", takes: takesBest, columns: []column{{"messages", listOfMessages}},
		row: func(b *scratch, row []value, x *example) []value {
			return append(row, b.conversation(aMessage, x.prompt, x.better))
		},
	}, "trl", "axolotl", "openrlhf", "verl")

	_ = registerTraining(training{
		kind: "sft", takes: takesBest, columns: []column{{"conversations", listOfTurns}}, fits: alternates,
		row: func(b *scratch, row []value, x *example) []value {
			return append(row, b.conversation(aTurn, x.prompt, x.better))
		},
	}, "llama-factory")
)
