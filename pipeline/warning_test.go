package pipeline

import (
	"strings"
	"testing"
)

func TestWarnings(t *testing.T) {
	const two = "models: [{name: A, model_id: alpha}, {name: B, model_id: beta}]\n"
	for _, test := range []struct{ why, models, judges, judging, want string }{
		{"nobody judges itself", two, "{name: J, model_id: j}", "", ""},
		{"a judge alone judges itself", two, "{name: J, model_id: alpha}", "",
			"judge J judges battles of its own model, A; another judge in `judges:` would take them over"},
		{"another takes its battles over", two, "{name: J, model_id: alpha}, {name: K, model_id: k}", "", ""},
		{"one that is told not to skip", two, "{name: J, model_id: alpha}, {name: K, model_id: k}", "skip_own_model: false",
			"judge J judges battles of its own model, A; with skip_own_model: true another judge takes them over where there is one"},
		{"both models of a battle judge it", two, "{name: J, model_id: alpha}, {name: K, model_id: beta}", "",
			"judge J judges battles of its own model, A; another judge in `judges:` would take them over\n" +
				"judge K judges battles of its own model, B; another judge in `judges:` would take them over"},
		{"a replacement takes nothing over", two, "{name: J, model_id: alpha}, {name: K, model_id: k}", "panel: {replacements: [K]}",
			"judge J judges battles of its own model, A; another judge in `judges:` would take them over"},
		{"a replacement leaves its own model alone", two, "{name: J, model_id: j}, {name: K, model_id: beta}", "panel: {replacements: [K]}", ""},
		{"told not to skip, and alone", two, "{name: J, model_id: alpha}", "skip_own_model: false",
			"judge J judges battles of its own model, A; with skip_own_model: true another judge in `judges:` would take them over"},
		{"who skips is missing", "models: [{name: A, model_id: alpha}, {name: B, model_id: beta}, {name: C, model_id: c}]\n", "{name: J, model_id: alpha}, {name: K, model_id: k}, {name: L, model_id: c}", "panel: {min_valid: 2}",
			"min_valid is 2, and of some battles of A, C fewer judges are asked, since a judge skips its own model (skip_own_model): these battles never count"},
		{"enough are left", two, "{name: J, model_id: alpha}, {name: K, model_id: k}, {name: L, model_id: l}", "panel: {min_valid: 2}", ""},
		{"families", "models: [{name: A, model_id: gpt-4o}, {name: B, model_id: llama3}, {name: C, model_id: gpt-4o-mini}]\n", "{name: J, model_id: o1-mini}, {name: K, model_id: claude-3}", "",
			"judge J is of one family (gpt) with A, C: judges tend to favour their own; `openarena judge --report` compares it with judges of other families"},
		{"many of them, and itself, which it skips", "models: [{model_id: qwen3}, {model_id: qwen2}, {model_id: qwen1}, {model_id: qwen}, {model_id: qwq}, {model_id: x}]\n",
			"{name: J, model_id: qwen3}, {name: K, model_id: k}", "",
			"judge J is of one family (qwen) with qwen2, qwen1, qwen, qwq: judges tend to favour their own; `openarena judge --report` compares it with judges of other families"},
		{"more than a reader wants", "models: [{model_id: qwen3}, {model_id: qwen2}, {model_id: qwen1}, {model_id: qwen}, {model_id: qwq}, {model_id: x}]\n",
			"{name: J, model_id: qwen4}", "",
			"judge J is of one family (qwen) with qwen3, qwen2, qwen1, 2 more: judges tend to favour their own; a judge of another family beside it evens that out"},
	} {
		a := parseArena(t, t.TempDir(), test.models+"judges: ["+test.judges+"]\njudging: {"+test.judging+"}\ndatasets: [{path: p.jsonl}]\n", Trial{})
		if got := strings.Join(a.Warnings(), "\n"); got != test.want {
			t.Errorf("%s: %q; want %q", test.why, got, test.want)
		}
	}
}
