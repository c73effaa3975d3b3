package providers

import (
	"strings"
	"testing"
)

func TestSameModel(t *testing.T) {
	for _, c := range []struct {
		asked, replied string
		want           bool
	}{
		{"gpt-4o", "gpt-4o", true},
		{"gpt-4o", "gpt-4o-2024-08-06", true},
		{"gpt-4", "gpt-4-0613", true},
		{"gpt-4o-2024-08-06", "gpt-4o", true},
		{"claude-sonnet-4", "claude-sonnet-4-20250514", true},
		{"claude-3-5-sonnet-latest", "claude-3-5-sonnet-20241022", true},
		{"gemini-2.0-flash", "gemini-2.0-flash-001", true},
		{"gemini-2.5-flash", "models/gemini-2.5-flash-preview-05-20", true},
		{"models/gemini-2.5-pro", "gemini-2.5-pro", true},
		{"claude-3-5-sonnet", "claude-3-5-sonnet@20240620", true},
		{"llama3.2", "llama3.2:latest", true},
		{"openai/gpt-4o", "gpt-4o", true},
		{"meta-llama/Llama-3.1-8B-Instruct", "meta-llama/llama-3.1-8b-instruct", true},
		{"deepseek/deepseek-r1:free", "deepseek/deepseek-r1", true},
		{"smollm2-135m", "/srv/models/SmolLM2-135M.gguf", true},
		{`smollm2-135m`, `C:\models\smollm2-135m.gguf`, true},
		{"/models/Llama-3-8B/", "Llama-3-8B", true},
		{"m", "", true},

		{"mistral", "gpt-4o", false},
		{"llama-3", "llama-3-8b", false},
		{"llama3.1:8b", "llama3.1:70b", false},
		{"gpt-4o", "gpt-4o-mini", false},
		{"gpt-4o", "gpt-4o-mini-2024-07-18", false},
		{"gpt-4", "gpt-4.1", false},
		{"qwen2.5-7b", "qwen2.5-7b-instruct-q4_k_m.gguf", false},
		{"nope", "smollm2-135m", false},
		{"gpt-4o", "gpt-4o-2024-08-06-tuned", false},
	} {
		if got := SameModel(c.asked, c.replied); got != c.want {
			t.Errorf("SameModel(%q, %q) = %v; want %v", c.asked, c.replied, got, c.want)
		}
	}
}

// What a server calls its model is stored with every answer, so that it has an end.
func TestTheNameInAReplyIsCut(t *testing.T) {
	body := strings.Replace(completionOf("Four."), "m-1", strings.Repeat("long ", 1000), 1)
	got, err := connect(t, Endpoint{URL: serve(t, says(200, body))}).Chat(t.Context(), ask())
	if err != nil || len(got.Model) > 256 || !strings.HasPrefix(got.Model, "long long") {
		t.Errorf("Chat = %+v, %v; want a name of at most 256 bytes", got, err)
	}
}
