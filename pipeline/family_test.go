package pipeline

import "testing"

func TestFamily(t *testing.T) {
	for _, test := range []struct{ id, want, why string }{
		{"gpt-4o", "gpt", "a plain name"},
		{"gpt-4o-mini-2024-07-18", "gpt", "a date behind it"},
		{"o1-mini", "gpt", "a name that is a letter and a digit"},
		{"o3", "gpt", "nothing else"},
		{"chatgpt-4o-latest", "gpt", "another beginning"},
		{"ft:gpt-4o-mini-2024-07-18:acme::Abc123", "gpt", "a fine-tune of the vendor's"},
		{"openai/gpt-oss-20b", "gpt", "an organisation before it"},
		{"text-davinci-003", "gpt", "an old name"},
		{"claude-3-5-sonnet-20241022", "claude", "a version behind it"},
		{"us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude", "a region and a vendor before it"},
		{"meta-llama/Llama-3.1-8B-Instruct", "llama", "an organisation, capitals"},
		{"meta.llama3-1-70b-instruct-v1:0", "llama", "a vendor, a revision"},
		{"llama3:8b", "llama", "a tag"},
		{"hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M", "llama", "a host, and a quantisation as tag"},
		{"llama-2-7b-chat.Q4_K_M.gguf", "llama", "a file"},
		{"accounts/fireworks/models/llama-v3p1-8b-instruct", "llama", "a long path"},
		{"@cf/meta/llama-3-8b-instruct", "llama", "a catalogue"},
		{"codellama:13b", "llama", "made of it"},
		{"TinyLlama-1.1B-Chat", "llama", "another small one"},
		{"NousResearch/Hermes-3-Llama-3.1-8B", "llama", "a fine-tune that says what it was made from"},
		{"nvidia/Llama-3.1-Nemotron-70B-Instruct", "llama", "the first of two families: what it was made from"},
		{"deepseek-r1-distill-llama-70b", "deepseek", "the first of two families: who taught it"},
		{"open_llama_3b", "llama", "lines between the words"},
		{"Qwen/Qwen2.5-7B-Instruct", "qwen", "a version without a gap"},
		{"Qwen/QwQ-32B", "qwen", "a name of its own"},
		{"qwen3:0.6b", "qwen", "another tag"},
		{"mistral", "mistral", "nothing else"},
		{"mistralai/Mixtral-8x7B-Instruct-v0.1", "mistral", "the same house"},
		{"codestral-latest", "mistral", "the same house again"},
		{"gemini-1.5-pro", "gemini", "a plain name"},
		{"models/gemini-2.0-flash", "gemini", "a path"},
		{"gemma2:2b", "gemini", "made from the same"},
		{"google/gemma-3-4b-it", "gemini", "made from the same"},
		{"deepseek-chat", "deepseek", "a plain name"},
		{"deepseek-ai/DeepSeek-V3", "deepseek", "capitals inside"},
		{"microsoft/Phi-3.5-mini-instruct", "phi", "a short stem"},
		{"phi3:mini", "phi", "a digit behind it"},
		{"HuggingFaceTB/SmolLM2-135M-Instruct", "smollm", "capitals inside"},
		{"command-r-plus", "command", "a plain name"},
		{"CohereForAI/c4ai-command-r-v01", "command", "a prefix"},
		{"ibm-granite/granite-3.1-2b-instruct", "granite", "a plain name"},
		{"amazon.nova-pro-v1:0", "nova", "a vendor"},
		{"01-ai/Yi-1.5-9B-Chat", "yi", "two letters"},
		{"THUDM/glm-4-9b-chat", "glm", "a plain name"},
		{"Qwen/my-finetune", "qwen", "the organisation, where the name says nothing"},

		{"", "", "nothing"},
		{"judge", "", "no name of a model"},
		{"philosopher-7b", "", "a stem is no beginning of another word"},
		{"yield-1", "", "a stem is no beginning of another word"},
		{"marco-o1", "", "somebody else's o1"},
		{"my-own-model:latest", "", "a name of one's own"},
		{"//::", "", "nothing but separators"},
	} {
		if got := family(test.id); got != test.want {
			t.Errorf("family(%q) = %q; want %q (%s)", test.id, got, test.want, test.why)
		}
	}
}
