package export

import "openarena/configs"

// FromConfig are the Options of an export as the file of an arena has it.
func FromConfig(x configs.Export) Options {
	return Options{
		Type: x.Type, Format: x.Format, For: x.For, Mode: x.Mode, Model: x.Model, Thinking: x.Thinking, WithMeta: x.WithMeta, EvalSplit: x.EvalSplit,
		Filters: Filters{
			Allow: x.Allow, Strict: x.Strict, MinMargin: x.MinMargin, MinPoints: x.MinPoints, MinAgreement: x.MinAgreement,
			MaxLengthRatio: x.MaxLengthRatio, NearDuplicates: x.NearDuplicates, NoRefusals: x.NoRefusals, MaxPairs: x.MaxPairs,
			MinScore: x.MinScore, TrueFrom: x.TrueFrom, FalseTo: x.FalseTo,
		},
	}
}
