package prices

import (
	"fmt"
	"strings"
	"testing"
)

const (
	devList = `{
 "openai": {"id": "openai", "env": ["OPENAI_API_KEY"], "models": {
  "gpt-x": {"id": "gpt-x", "cost": {"input": 2.5, "output": 10, "cache_read": 1.25}, "limit": {"context": 128000}},
  "gpt-free": {"cost": {"input": 0, "output": 0}},
  "gpt-half": {"cost": {"input": 1}},
  "gpt-thinks": {"cost": {"input": 1, "output": 2, "reasoning": 8}},
  "gpt-same": {"cost": {"input": 1, "output": 2, "reasoning": 2}},
  "whisper": {"id": "whisper"}}},
 "fireworks-ai": {"models": {"accounts/x": {"cost": {"input": 0.2, "output": 0.2}}}}
}`
	liteList = `{
 "sample_spec": {"litellm_provider": "one of ...", "input_cost_per_token": 0.0, "max_tokens": "LEGACY parameter", "mode": "one of: chat, embedding"},
 "gpt-x": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-06},
 "groq/llama-y": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 5.9e-07, "output_cost_per_token": 7.9e-07},
 "together_ai/meta/z": {"litellm_provider": "together_ai", "input_cost_per_token": 8.8e-07, "output_cost_per_token": 8.8e-07},
 "text-embed": {"litellm_provider": "openai", "mode": "embedding", "input_cost_per_token": 1e-07, "output_cost_per_token": 0},
 "gpt-half": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06}
}`
	routerList = `{"data": [
 {"id": "openai/gpt-x", "pricing": {"prompt": "0.0000025", "completion": "0.00001", "request": "0", "input_cache_read": "0.00000125"}},
 {"id": "meta/free:free", "pricing": {"prompt": "0", "completion": "0", "request": "0"}},
 {"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}},
 {"id": "perplexity/asks", "pricing": {"prompt": "0.000001", "completion": "0.000001", "request": "0.005"}},
 {"id": "some/model", "pricing": {}}
]}`
)

func show(p Price) string {
	text := fmt.Sprintf("%g/%g", p.Input, p.Output)
	if p.Cached != nil {
		text += fmt.Sprintf(" cached %g", *p.Cached)
	}
	return text
}

func TestImport(t *testing.T) {
	for _, test := range []struct{ why, list, format, entries, leftOut string }{
		{"models.dev: dollars per million", devList, "models.dev",
			"fireworks-ai/accounts/x 0.2/0.2, openai/gpt-free 0/0, openai/gpt-same 1/2, openai/gpt-x 2.5/10 cached 1.25",
			"openai/gpt-half: it has a price of input or of output only, openai/gpt-thinks: reasoning has a price of its own"},
		{"LiteLLM: dollars per token, and no sample", liteList, "LiteLLM",
			"groq/llama-y 0.59/0.79, openai/gpt-x 2.5/10 cached 1.25, togetherai/meta/z 0.88/0.88", "openai/gpt-half: it has a price of input or of output only"},
		{"OpenRouter: dollars per token as texts", routerList, "OpenRouter",
			"openrouter/meta/free:free 0/0, openrouter/openai/gpt-x 2.5/10 cached 1.25",
			"openrouter/openrouter/auto: its price is less than nothing, which lists write where it is not fixed, openrouter/perplexity/asks: each request has a price of its own, " +
				"openrouter/some/model: it has a price of input or of output only, or none"},
		{"a byte order mark", "\ufeff" + routerList, "OpenRouter", "openrouter/meta/free:free 0/0, openrouter/openai/gpt-x 2.5/10 cached 1.25", "…"},
	} {
		got, err := Import([]byte(test.list))
		if err != nil {
			t.Errorf("%s: %v", test.why, err)
			continue
		}
		var entries []string
		for _, e := range got.Entries {
			entries = append(entries, e.Provider+"/"+e.Model+" "+show(e.Price))
		}
		if got.Format != test.format || strings.Join(entries, ", ") != test.entries {
			t.Errorf("%s: read as %s: %s\nwant %s: %s", test.why, got.Format, strings.Join(entries, ", "), test.format, test.entries)
		}
		if left := strings.Join(got.LeftOut, ", "); left != test.leftOut && test.leftOut != "…" {
			t.Errorf("%s: left out %s\nwant %s", test.why, left, test.leftOut)
		}
	}
}

func TestImportRefuses(t *testing.T) {
	for _, test := range []struct{ why, list, want string }{
		{"a page", "<html>", "no JSON"},
		{"a list that ends early", devList[:200], "no JSON"},
		{"a list of things", "[1, 2]", "not an object"},
		{"an object of something else", `{"a": {"b": 1}}`, "none of the lists"},
		{"no models at all", `{"data": []}`, "none of the lists"},
		{"a text where a number belongs", `{"openai": {"models": {"m": {"cost": {"input": "2", "output": 1}}}}}`, "openai/m: cost.input holds a string"},
		{"LiteLLM with a text for a price", `{"m": {"litellm_provider": "openai", "input_cost_per_token": "1", "output_cost_per_token": 1}}`, "m: input_cost_per_token holds a string"},
		{"OpenRouter with words for a price", `{"data": [{"id": "m", "pricing": {"prompt": "cheap", "completion": "0"}}]}`, `model 1 of data: "cheap" is no price`},
		{"prices per million in a list per token", `{"m": {"litellm_provider": "openai", "input_cost_per_token": 2.5, "output_cost_per_token": 10}}`, "no model of it has a price"},
		{"less than nothing", `{"m": {"litellm_provider": "openai", "input_cost_per_token": -1, "output_cost_per_token": 1}}`, "no model of it has a price"},
		{"no number", `{"data": [{"id": "m", "pricing": {"prompt": "NaN", "completion": "Inf"}}]}`, "no model of it has a price"},
	} {
		if got, err := Import([]byte(test.list)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: Import = %+v, %v; want an error with %q", test.why, got, err, test.want)
		}
	}
}

func bookOf(t *testing.T, entries []Entry) *Book {
	t.Helper()
	data, err := Encode("a list", "2026-01-02", entries)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestLookup(t *testing.T) {
	b := bookOf(t, []Entry{
		{"openai", "gpt-x", Price{Input: 1, Output: 2}}, {"openai", "gpt-x-2024-05-13", Price{Input: 5, Output: 6}},
		{"anthropic", "claude-y-20250101", Price{Input: 3, Output: 4}}, {"anthropic", "claude-y-20250601", Price{Input: 3, Output: 4}},
		{"anthropic", "claude-z-20250101", Price{Input: 3, Output: 4}}, {"anthropic", "claude-z-20250601", Price{Input: 7, Output: 8}},
		{"openrouter", "openai/gpt-x", Price{Input: 9, Output: 9}}, {"openrouter", "meta/l:free", Price{}},
		{"google", "gemini-w", Price{Input: 1, Output: 1}}, {"xai", "twice", Price{Input: 1, Output: 1}}, {"xai", "Twice", Price{Input: 2, Output: 2}},
	})
	for _, test := range []struct{ why, host, model, want string }{
		{"as it is written", "api.openai.com", "gpt-x", "1/2"},
		{"the host may have a port, and other letters", "API.OpenAI.com:443", "GPT-X", "1/2"},
		{"the provider before it", "api.openai.com", "openai/gpt-x", "1/2"},
		{"Gemini's way to write it", "generativelanguage.googleapis.com", "models/gemini-w", "1/1"},
		{"a day that has its own price", "api.openai.com", "gpt-x-2024-05-13", "5/6"},
		{"a day that has none has that of the model", "api.openai.com", "gpt-x-2025-08-06", "1/2"},
		{"days that agree", "api.anthropic.com", "claude-y", "3/4"},
		{"days that contradict each other", "api.anthropic.com", "claude-z", "unknown"},
		{"another provider's terms", "openrouter.ai", "openai/gpt-x", "9/9"},
		{"free of charge is a price", "openrouter.ai", "meta/l:free", "0/0"},
		{"what is free there is not without the word", "openrouter.ai", "meta/l", "unknown"},
		{"the same name at a host that nobody knows", "gateway.example.com", "gpt-x", "unknown"},
		{"a server of one's own", "localhost:8000", "gpt-x", "unknown"},
		{"another model", "api.openai.com", "gpt-x-mini", "unknown"},
		{"one name with two prices", "api.x.ai", "twice", "unknown"},
		{"no host", "", "gpt-x", "unknown"},
	} {
		got := "unknown"
		if p, ok := b.Lookup(test.host, test.model); ok {
			got = show(p)
		}
		if got != test.want {
			t.Errorf("%s: Lookup(%q, %q) = %s; want %s", test.why, test.host, test.model, got, test.want)
		}
	}
}

func TestAnywhere(t *testing.T) {
	b := bookOf(t, []Entry{
		{"openai", "one", Price{Input: 1, Output: 2}}, {"openai", "both", Price{Input: 1, Output: 2}}, {"xai", "both", Price{Input: 3, Output: 4}},
		{"togetherai", "two-hosts", Price{Input: 5, Output: 6}},
	})
	for model, want := range map[string]string{"one": "1/2", "both": "unknown", "two-hosts": "5/6", "none": "unknown"} {
		got := "unknown"
		if p, ok := b.Anywhere(model); ok {
			got = show(p)
		}
		if got != want {
			t.Errorf("Anywhere(%q) = %s; want %s", model, got, want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, text := range []string{"", "{}", devList, liteList, routerList, `{"format": "openarena-prices-2", "models": []}`,
		`{"format": "openarena-prices-1", "models": [{"provider": "openai", "model": "m", "input": -1, "output": 1}]}`} {
		if _, err := Read([]byte(text)); err == nil {
			t.Errorf("Read(%.60q) is no error", text)
		}
	}
}

// TestCommon: the built-in table is in order, dated, and prices what `init` writes for the services it knows.
func TestCommon(t *testing.T) {
	b := Common()
	if b.Date != "2026-11-28" || b.Source == "" || b.Len() < 40 {
		t.Errorf("%d models of %q, taken %q; want at least 40 with source and date", b.Len(), b.Source, b.Date)
	}
	for provider, models := range b.entries {
		for model, p := range models {
			if len(p) != 1 || p[0].Input <= 0 || p[0].Output < p[0].Input {
				t.Errorf("%s/%s costs %v", provider, model, p)
			}
		}
	}
	for _, test := range []struct{ host, model, want string }{
		{"api.openai.com", "gpt-4o-mini", "0.15/0.6 cached 0.075"},
		{"api.openai.com", "gpt-4o-mini-2024-07-18", "0.15/0.6 cached 0.075"},
		{"api.together.xyz", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "0.88/0.88"},
		{"api.anthropic.com", "claude-haiku-4-5-20251001", "1/5 cached 0.1"},
	} {
		if p, ok := b.Lookup(test.host, test.model); !ok || show(p) != test.want {
			t.Errorf("%s at %s costs %s, %t; want %s", test.model, test.host, show(p), ok, test.want)
		}
	}
}
