package pipeline

import (
	"slices"
	"strings"
)

// families are what the names of models begin with, and the family that each is of: who trained it, and under which name.
// A fine-tune that keeps the name of what it was made from is of that family.
var families = []struct{ stem, family string }{
	{"chatgpt", "gpt"}, {"gpt", "gpt"}, {"davinci", "gpt"}, // o1, o3 … are told by their form
	{"claude", "claude"},
	{"gemini", "gemini"}, {"gemma", "gemini"}, {"codegemma", "gemini"}, {"medgemma", "gemini"}, {"palm", "gemini"}, {"bison", "gemini"},
	{"llama", "llama"}, {"codellama", "llama"}, {"tinyllama", "llama"}, {"vicuna", "llama"},
	{"mistral", "mistral"}, {"mixtral", "mistral"}, {"ministral", "mistral"}, {"codestral", "mistral"}, {"pixtral", "mistral"},
	{"magistral", "mistral"}, {"devstral", "mistral"}, {"mathstral", "mistral"}, {"voxtral", "mistral"},
	{"qwen", "qwen"}, {"codeqwen", "qwen"}, {"qwq", "qwen"}, {"qvq", "qwen"},
	{"deepseek", "deepseek"},
	{"phi", "phi"},
	{"smollm", "smollm"}, {"smolvlm", "smollm"},
	{"command", "command"}, {"c4ai", "command"}, {"aya", "command"},
	{"granite", "granite"},
	{"grok", "grok"},
	{"kimi", "kimi"}, {"moonshot", "kimi"},
	{"glm", "glm"}, {"chatglm", "glm"}, {"codegeex", "glm"},
	{"nova", "nova"}, {"titan", "nova"},
	{"olmo", "olmo"}, {"tulu", "olmo"},
	{"falcon", "falcon"},
	{"nemotron", "nemotron"}, {"minitron", "nemotron"},
	{"minimax", "minimax"}, {"abab", "minimax"},
	{"yi", "yi"}, {"jamba", "jamba"}, {"exaone", "exaone"}, {"internlm", "internlm"}, {"baichuan", "baichuan"}, {"ernie", "ernie"},
	{"hunyuan", "hunyuan"}, {"doubao", "doubao"}, {"solar", "solar"}, {"stablelm", "stablelm"}, {"starcoder", "starcoder"},
	{"lfm2", "lfm"}, {"pythia", "pythia"}, {"bloom", "bloom"},
}

// family is the family of models that a model_id names, such as "llama" for meta-llama/Llama-3.1-8B-Instruct; "": unknown.
// Only the name is looked at, which is good for a warning or a report, never for a decision.
func family(modelID string) string {
	path := strings.FieldsFunc(strings.ToLower(modelID), func(c rune) bool { return c == '/' || c == ':' || c == '@' })
	// The model's own name stands behind providers and organisations; behind it are tags only.
	for _, part := range slices.Backward(path) {
		if f := familyOfName(part); f != "" {
			return f
		}
	}
	return ""
}

// familyOfName takes the first word that begins with a stem: vendors and the names of fine-tunes may stand before it, as in
// "amazon.nova-pro" or "Hermes-3-Llama-3".
func familyOfName(name string) string {
	for i, word := range strings.FieldsFunc(name, func(c rune) bool { return c == '-' || c == '_' || c == '.' || c == ' ' }) {
		if i == 0 && isReasoner(word) {
			return "gpt"
		}
		for _, f := range families {
			if rest, ok := strings.CutPrefix(word, f.stem); ok && !startsWithLetter(rest) {
				return f.family
			}
		}
	}
	return ""
}

// isReasoner reports whether a word is o1, o3, o4 …
func isReasoner(word string) bool {
	return len(word) == 2 && word[0] == 'o' && '1' <= word[1] && word[1] <= '9'
}

// startsWithLetter keeps a stem from being taken for the beginning of another word: "phi" is not "philosopher".
func startsWithLetter(rest string) bool { return rest != "" && 'a' <= rest[0] && rest[0] <= 'z' }
