package export

// A pair and how far apart the two are: levels, above 0 and up to 2.
var _ = registerTraining(training{
	kind: "reward", columns: append(pairColumns[:len(pairColumns):len(pairColumns)], column{"margin", aNumber}),
	row: func(b *scratch, row []value, x *example) []value {
		return append(pairRow(b, row, x), decimal(x.contest.margin()))
	},
}, "trl", "openrlhf")
