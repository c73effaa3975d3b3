package configs

import (
	"slices"
	"strings"

	"openarena/configs/internal/surface"
	"openarena/configs/internal/tree"
)

// trainers are those that load a type of export; a type without any takes no `for`.
var trainers = map[string][]string{
	"preference": {"trl", "axolotl", "llama-factory", "openrlhf", "verl"},
	"reward":     {"trl", "openrlhf"},
	"kto":        {"trl", "axolotl", "llama-factory"},
	"sft":        {"trl", "axolotl", "llama-factory", "openrlhf", "verl"},
}

// notLoaded says why a trainer loads no such rows.
var notLoaded = map[[2]string]string{
	{"reward", "axolotl"}:       "its reward models read no margin",
	{"reward", "llama-factory"}: "its reward models read no margin",
	{"reward", "verl"}:          "its RMDataset reads no margin",
	{"kto", "openrlhf"}:         "it has no KTO trainer",
	{"kto", "verl"}:             "it has no KTO trainer",
}

// NotLoaded says why a trainer loads no rows of a type that others load; "" where it does, or where nobody does.
func NotLoaded(kind, trainer string) string { return notLoaded[[2]string{kind, trainer}] }

// Unreadable says why a trainer cannot load a format; "" where it can.
func Unreadable(trainer, format string) string {
	if format == "csv" && trainer != "trl" && trainer != "" {
		return "a cell of csv is text, and it wants lists"
	}
	return ""
}

// modesOf are the modes of each type that is for trainers.
var modesOf = map[string][]string{
	"preference": {"best_worst", "all_pairs", "best_vs_random", "target_lost", "policy", "policy_both"},
	"reward":     {"best_worst", "all_pairs", "best_vs_random", "target_lost", "policy", "policy_both"},
	"kto":        {"all_answers", "target_lost", "policy"},
	"sft":        {"top1", "target_lost", "policy"},
}

// training resolves what an export says of the rows that are for trainers.
func (r *resolver) training(from surface.Export, kind string) Training {
	t := Training{
		Mode: from.Mode.Is, Model: from.Model.Is, WithMeta: from.WithMeta.Is, Strict: from.Strict.Is, NoRefusals: from.NoRefusals.Is,
		EvalSplit: from.EvalSplit.Is, MinMargin: from.MinMargin.Is, MinPoints: from.MinPoints.Is, MinAgreement: from.MinAgreement.Is,
		MaxLengthRatio: from.MaxLengthRatio.Is, NearDuplicates: from.NearDuplicates.Is, MaxPairs: int(from.MaxPairs.Is),
		MinScore: from.MinScore.Is, TrueFrom: from.TrueFrom.Is, FalseTo: from.FalseTo.Is,
	}
	if from.Thinking.Set() {
		t.Thinking = from.Thinking.Is
	}
	for _, a := range from.Allow {
		t.Allow = append(t.Allow, a.Is)
	}
	r.withoutEffect(from, kind)
	if kind == "kto" {
		r.thresholds(from)
	}
	if modes := modesOf[kind]; from.Mode.Is != "" && len(modes) > 0 && !slices.Contains(modes, from.Mode.Is) {
		r.faults.Add(from.Mode.Mark, "the type %s has no mode %s: choose %s", kind, from.Mode.Is, strings.Join(modes, ", "))
	}
	needs := slices.Contains([]string{"target_lost", "policy", "policy_both"}, from.Mode.Is)
	switch {
	case needs && !from.Model.Set():
		r.faults.Add(from.Mode.Mark, "mode %s is about one model: add model", from.Mode.Is)
	case from.Model.Set() && len(modesOf[kind]) > 0 && !needs:
		r.faults.Add(from.Model.Mark, "model has an effect with mode: target_lost, policy or policy_both only: write one of them, or remove model")
	case from.Model.Set():
		r.modelNamed(from.Model)
	}
	return t
}

// withoutEffect refuses settings that change nothing about the rows of a type.
func (r *resolver) withoutEffect(from surface.Export, kind string) {
	const pairs, all = "preference reward", "preference reward kto sft"
	var allow tree.Mark
	if len(from.Allow) > 0 {
		allow = from.Allow[0].Mark
	}
	for _, s := range []struct {
		name  string
		at    tree.Mark
		types string // that have it
	}{
		{"mode", from.Mode.Mark, all}, {"model", from.Model.Mark, all}, {"thinking", from.Thinking.Mark, all}, {"with_meta", from.WithMeta.Mark, all},
		{"eval_split", from.EvalSplit.Mark, all}, {"allow", allow, all}, {"strict", from.Strict.Mark, all}, {"no_refusals", from.NoRefusals.Mark, all},
		{"near_duplicates", from.NearDuplicates.Mark, all}, {"min_margin", from.MinMargin.Mark, pairs}, {"min_points", from.MinPoints.Mark, pairs},
		{"min_agreement", from.MinAgreement.Mark, pairs}, {"max_length_ratio", from.MaxLengthRatio.Mark, pairs},
		{"max_pairs_per_prompt", from.MaxPairs.Mark, pairs}, {"min_score", from.MinScore.Mark, "sft"},
		{"true_from", from.TrueFrom.Mark, "kto"}, {"false_to", from.FalseTo.Mark, "kto"},
	} {
		types := strings.Fields(s.types)
		if s.at.Set() && kind != "" && !slices.Contains(types, kind) {
			r.faults.Add(s.at, "%s has no effect on the type %s: remove it, or choose %s", s.name, kind, strings.Join(types, ", "))
		}
	}
}

// thresholds refuses those that cross.
func (r *resolver) thresholds(from surface.Export) {
	good, bad := 7.0, 4.0
	if from.TrueFrom.Set() {
		good = from.TrueFrom.Is
	}
	if from.FalseTo.Set() {
		bad = from.FalseTo.Is
	}
	at := from.FalseTo.Mark
	if !at.Set() {
		at = from.TrueFrom.Mark
	}
	if at.Set() && bad >= good && good != 0 {
		r.faults.Add(at, "false_to (%v) must be below true_from (%v)", bad, good)
	}
}
