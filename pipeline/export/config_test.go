package export

import (
	"fmt"
	"strings"
	"testing"

	"openarena/configs"
)

// The file of an arena takes for right what the options do, and the other way round; and what it says arrives.
func TestFileAndOptionsAgree(t *testing.T) {
	const rest = "models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudge_model: {name: J, model_id: j}\ndatasets: [{path: p.txt}]\n"
	settings := []string{
		"", "mode: best_worst", "mode: all_pairs", "mode: best_vs_random", "mode: top1", "mode: all_answers", "mode: target_lost, model: A",
		"mode: policy, model: B", "mode: policy_both, model: A", "mode: policy", "mode: all_pairs, model: A", "model: A", "thinking: keep", "with_meta: true",
		"eval_split: 0.1", "allow: [flagged]", "strict: true", "min_margin: 0.5", "min_points: 1", "min_agreement: 0.7",
		"max_length_ratio: 2", "no_refusals: true", "near_duplicates: 0.8", "max_pairs_per_prompt: 2", "min_score: 6", "true_from: 8", "false_to: 3", "false_to: 9",
	}
	try := func(kind, trainer, format, setting string) {
		entry := fmt.Sprintf("{type: %s, path: x, %s}", kind, setting)
		if trainer != "" {
			entry = strings.Replace(entry, "path", "for: "+trainer+", path", 1)
		}
		if format != "" {
			entry = strings.Replace(entry, "path", "format: "+format+", path", 1)
		}
		c, err := configs.Parse("arena.yaml", []byte(rest+"export: ["+entry+"]\n"), func(string) (string, bool) { return "", false })
		o := optionsOf(kind, trainer, format, setting)
		if err == nil {
			got := FromConfig(c.Export[0])
			if fmt.Sprint(got.Filters, got.Mode, got.Model, got.Thinking, got.WithMeta, got.EvalSplit) !=
				fmt.Sprint(o.Filters, o.Mode, o.Model, o.Thinking, o.WithMeta, o.EvalSplit) {
				t.Errorf("%s arrives as %+v; want %+v", entry, got, o)
			}
		}
		if wrong := o.Check(); (err == nil) != (wrong == nil) {
			t.Errorf("%s: the file says %v, the options say %v", entry, err, wrong)
		}
	}
	for _, kind := range []string{"ranked", "preference", "reward", "kto", "sft", "battles", "ratings"} {
		if kind != "reward" && kind != "battles" && kind != "ratings" { // which are as preference and ranked
			for _, setting := range settings {
				try(kind, "", "", setting)
			}
		}
		for _, trainer := range Trainers {
			for _, format := range []string{"", "csv"} {
				try(kind, trainer, format, "")
			}
		}
	}
}

// optionsOf is one setting as the options have it.
func optionsOf(kind, trainer, format, setting string) Options {
	o := Options{Type: kind, For: trainer, Format: format}
	for _, one := range strings.Split(setting, ", ") {
		name, v, _ := strings.Cut(one, ": ")
		var f float64
		fmt.Sscan(v, &f)
		switch name {
		case "mode":
			o.Mode = v
		case "model":
			o.Model = v
		case "thinking":
			o.Thinking = v
		case "with_meta":
			o.WithMeta = true
		case "eval_split":
			o.EvalSplit = f
		case "allow":
			o.Allow = []string{"flagged"}
		case "strict":
			o.Strict = true
		case "no_refusals":
			o.NoRefusals = true
		case "max_pairs_per_prompt":
			o.MaxPairs = int(f)
		}
		for _, n := range []struct {
			name string
			into *float64
		}{
			{"min_margin", &o.MinMargin}, {"min_points", &o.MinPoints}, {"min_agreement", &o.MinAgreement}, {"max_length_ratio", &o.MaxLengthRatio},
			{"near_duplicates", &o.NearDuplicates}, {"min_score", &o.MinScore}, {"true_from", &o.TrueFrom}, {"false_to", &o.FalseTo},
		} {
			if n.name == name {
				*n.into = f
			}
		}
	}
	return o
}
