package configs

import (
	"fmt"
	"strings"
	"testing"
)

// arena is a small file around some lines.
func arena(lines string) []byte {
	return []byte("models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudge_model: {name: J, model_id: j}\ndatasets: [{path: p.txt}]\n" + lines)
}

func TestEndpointAddress(t *testing.T) {
	for _, c := range []struct{ why, url, kind, want, wantKind string }{
		{"no path", "http://localhost:8000", "openai", "http://localhost:8000/chat/completions", "openai"},
		{"no path but a slash", "http://localhost:8000/", "openai", "http://localhost:8000/chat/completions", "openai"},
		{"a version", "http://localhost:8000/v1", "openai", "http://localhost:8000/v1/chat/completions", "openai"},
		{"a version and a slash", "http://localhost:8000/v1/", "openai", "http://localhost:8000/v1/chat/completions", "openai"},
		{"a version behind a path", "https://api.groq.com/openai/v2", "openai", "https://api.groq.com/openai/v2/chat/completions", "openai"},
		{"the whole path", "http://localhost:8000/v1/chat/completions", "openai", "http://localhost:8000/v1/chat/completions", "openai"},
		{"the whole path and a slash", "http://localhost:8000/v1/chat/completions/", "openai", "http://localhost:8000/v1/chat/completions", "openai"},
		{"any other path as it is", "http://localhost:8000/generate/", "openai", "http://localhost:8000/generate/", "openai"},
		{"a word that only ends like a version", "http://localhost:8000/dev1", "openai", "http://localhost:8000/dev1", "openai"},
		{"a query stays", "http://localhost:8000/v1?api-version=2024-10-21", "openai", "http://localhost:8000/v1/chat/completions?api-version=2024-10-21", "openai"},
		{"the native path of Ollama", "http://localhost:11434/api/chat", "openai", "http://localhost:11434/api/chat", "ollama"},
		{"Ollama by its root", "http://gpu:11434", "ollama", "http://gpu:11434/api/chat", "ollama"},
		{"Ollama by its other protocol's address", "http://gpu:11434/v1/chat/completions", "ollama", "http://gpu:11434/api/chat", "ollama"},
		{"Anthropic's host", "https://api.anthropic.com", "anthropic", "https://api.anthropic.com/v1/messages", "anthropic"},
		{"Anthropic's version", "https://api.anthropic.com/v1/", "anthropic", "https://api.anthropic.com/v1/messages", "anthropic"},
		{"Anthropic's whole path", "https://api.anthropic.com/v1/messages", "anthropic", "https://api.anthropic.com/v1/messages", "anthropic"},
		{"another server with Anthropic's protocol", "https://api.deepseek.com/anthropic", "anthropic", "https://api.deepseek.com/anthropic/v1/messages", "anthropic"},
		{"Gemini's host", "https://generativelanguage.googleapis.com", "gemini", "https://generativelanguage.googleapis.com/v1beta", "gemini"},
		{"Gemini's version", "https://generativelanguage.googleapis.com/v1/", "gemini", "https://generativelanguage.googleapis.com/v1", "gemini"},
		{"Gemini's list of models", "https://generativelanguage.googleapis.com/v1beta/models", "gemini", "https://generativelanguage.googleapis.com/v1beta", "gemini"},
		{"Gemini's compatible address", "https://generativelanguage.googleapis.com/v1beta/openai/", "openai", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", "openai"},
		{"Gemini through Vertex", "https://h/v1/projects/p/locations/global/publishers/google", "gemini", "https://h/v1/projects/p/locations/global/publishers/google", "gemini"},
		{"Azure's host", "https://x.openai.azure.com", "azure", "https://x.openai.azure.com/openai/v1/chat/completions", "azure"},
		{"Azure's newer address", "https://x.openai.azure.com/openai/v1/", "azure", "https://x.openai.azure.com/openai/v1/chat/completions", "azure"},
		{"Azure's host with a version: the older address, the deployment to follow", "https://x.openai.azure.com/?api-version=2024-10-21", "azure", "https://x.openai.azure.com/openai/deployments?api-version=2024-10-21", "azure"},
		{"Azure's older address", "https://x.openai.azure.com/openai/deployments/gpt?api-version=2024-10-21", "azure", "https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "azure"},
		{"Azure's older address, whole", "https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "azure", "https://x.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=2024-10-21", "azure"},
		{"models of Azure's Foundry", "https://x.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview", "azure", "https://x.services.ai.azure.com/models/chat/completions?api-version=2024-05-01-preview", "azure"},
	} {
		src := arena(fmt.Sprintf("default_endpoint: {url: %q, kind: %s}\n", c.url, c.kind))
		got, err := Parse("arena.yaml", src, environment)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		if e := got.DefaultEndpoint; e.URL != c.want || e.Kind != c.wantKind {
			t.Errorf("%s: %s is called at %s as %s; want %s as %s", c.why, c.url, e.URL, e.Kind, c.want, c.wantKind)
		}
	}
}

// How a key is sent is the kind's affair, unless the file says so.
func TestAuthOfAKind(t *testing.T) {
	for _, c := range []struct{ endpoint, want string }{
		{`{url: "https://h/v1", api_key: "${GPU_KEY}"}`, "bearer"},
		{`{url: "https://h", kind: anthropic, api_key: "${GPU_KEY}"}`, "x-api-key"},
		{`{url: "https://h", kind: gemini, api_key: "${GPU_KEY}"}`, "x-goog-api-key"},
		{`{url: "https://h", kind: azure, api_key: "${GPU_KEY}"}`, "api-key"},
		{`{url: "https://h", kind: azure, api_key: "${GPU_KEY}", auth: bearer}`, "bearer"},
		{`{url: "https://h", kind: anthropic, auth: none}`, "none"},
		{`{url: "https://h", kind: gemini, api_key: "${GPU_KEY}", auth: {header: X-Key}}`, "X-Key"},
	} {
		got, err := Parse("arena.yaml", arena("default_endpoint: "+c.endpoint+"\n"), environment)
		if err != nil || got.DefaultEndpoint.Auth != c.want {
			t.Errorf("%s: auth %q, %v; want %q", c.endpoint, got.DefaultEndpoint.Auth, err, c.want)
		}
	}
}

func TestKeysAreSentEncrypted(t *testing.T) {
	for _, c := range []struct {
		why, endpoint string
		refused       bool
	}{
		{"a public host", `{url: "http://api.example.com/v1", api_key: "${GPU_KEY}"}`, true},
		{"a public address", `{url: "http://8.8.8.8/v1", api_key: "${GPU_KEY}"}`, true},
		{"a secret header", `{url: "http://api.example.com/v1", headers: {X-Api-Key: "${GPU_KEY}"}}`, true},
		{"encrypted", `{url: "https://api.example.com/v1", api_key: "${GPU_KEY}"}`, false},
		{"the key is not sent", `{url: "http://api.example.com/v1", api_key: "${GPU_KEY}", auth: none}`, false},
		{"no key", `{url: "http://api.example.com/v1"}`, false},
		{"this machine", `{url: "http://localhost:8000/v1", api_key: "${GPU_KEY}"}`, false},
		{"this machine, by number", `{url: "http://[::1]:8000/v1", api_key: "${GPU_KEY}"}`, false},
		{"a private address", `{url: "http://192.168.1.7/v1", api_key: "${GPU_KEY}"}`, false},
		{"a host of one's own network", `{url: "http://gpu:8000/v1", api_key: "${GPU_KEY}"}`, false},
		{"a domain that is never public", `{url: "http://gpu.lan/v1", api_key: "${GPU_KEY}"}`, false},
		{"a domain that only ends alike", `{url: "http://gpulan.example/v1", api_key: "${GPU_KEY}"}`, true},
	} {
		_, err := Parse("arena.yaml", arena("default_endpoint: "+c.endpoint+"\n"), environment)
		if refused := err != nil && strings.Contains(err.Error(), "unencrypted"); refused != c.refused || !refused && err != nil {
			t.Errorf("%s: %v; refused should be %v", c.why, err, c.refused)
		}
	}
}

const panelArena = "models: [{model_id: a}, {model_id: b}]\njudges: [{name: J, model_id: j}, {name: K, model_id: k}]\ndatasets: [{path: p.txt}]\n"

func TestWarnings(t *testing.T) {
	for _, c := range []struct{ why, src, want string }{
		{"a key in the file", string(arena("default_endpoint: {url: \"http://localhost:1/v1\", api_key: CANARY-12345678}\n")), "arena.yaml:4:59: api_key is a literal key"},
		{"a key in a header", string(arena("endpoints: {a: {url: \"http://localhost:1/v1\", headers: {X-Key: CANARY-12345678}}}\n")), "header X-Key is a literal key"},
		{"Azure's host without its kind", string(arena("default_endpoint: {url: \"https://x.openai.azure.com/openai/v1\"}\n")), "arena.yaml:4:25: this is Azure"},
		{"Gemini's host without its kind", string(arena("default_endpoint: {url: \"https://generativelanguage.googleapis.com/v1beta\"}\n")), "write kind: gemini"},
		{"a cascade of one", string(arena("judging: {panel: {mode: cascade}}\n")), "arena.yaml:4:25: a cascade of one judge has nobody to go on to"},
		{"a cascade of one beside its replacement", panelArena + "judging: {panel: {mode: cascade, replacements: [K]}}\n", "a cascade of one judge beside the replacements"},
		{"a cascade in one order", panelArena + "judging: {orders: random, panel: {mode: cascade}}\n", "with orders: random a judge is asked once"},
		{"a weight of a replacement", strings.Replace(panelArena, "k}", "k, weight: 2}", 1) + "judging: {panel: {replacements: [K]}}\n", "a replacement has the weight of the judge"},
		{"one model", "models: [{model_id: a}]\njudge_model: {model_id: j}\ndatasets: [{path: p.txt}]\n", "arena.yaml:1:10: there is one model only"},
	} {
		got, err := Parse("arena.yaml", []byte(c.src), environment)
		if err != nil {
			t.Errorf("%s: %v", c.why, err)
			continue
		}
		text := Problems(got.Warnings).Error()
		if len(got.Warnings) != 1 || !strings.Contains(text, c.want) || strings.Contains(text, "CANARY") {
			t.Errorf("%s: warnings %q; want one with %q", c.why, text, c.want)
		}
	}
}

// A file of thousands of misspelt names gets its messages without the time for thousands of suggestions.
func TestSuggestionsAreBounded(t *testing.T) {
	var src strings.Builder
	src.WriteString("judge_model: {model_id: j}\ndatasets: [{path: p.txt}]\nendpoints:\n")
	for i := range 1200 {
		fmt.Fprintf(&src, "  gpu%04dx: {url: \"http://h/v1\"}\n", i)
	}
	src.WriteString("models:\n")
	for i := range 20 {
		fmt.Fprintf(&src, "- {model_id: m%d, endpoint: gpu%04dy}\n", i, i)
	}
	_, err := Parse("arena.yaml", []byte(src.String()), environment)
	const want = mostCompared / 1200
	if err == nil || strings.Count(err.Error(), "did you mean") != want || strings.Count(err.Error(), "no endpoint is named") != 20 {
		t.Errorf("%d of 20 messages suggest a name; want %d:\n%v", strings.Count(fmt.Sprint(err), "did you mean"), want, err)
	}
}

// A path may hold a key by right, so that one which looks like it is a warning, without the path.
func TestKeyInPath(t *testing.T) {
	for _, c := range []struct {
		url  string
		want bool
	}{
		{"https://gateway.example/sk-0123456789abcdef01/v1", true},
		{"https://gateway.example/v1/account/0123456789abcdef0123456789abcdef/openai", false},
		{"https://gateway.example/sk-short/v1", false},
	} {
		read, err := Parse("arena.yaml", []byte("default_endpoint: {url: \""+c.url+"\"}\nmodels: [{model_id: a}, {model_id: b}]\njudge_model: {model_id: j}\ndatasets: [{path: p.txt}]\n"),
			func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, w := range read.Warnings {
			got += w.What
		}
		if strings.Contains(got, "url looks as if it held a key") != c.want || strings.Contains(got, "sk-") {
			t.Errorf("%s: warnings %q; want one: %t", c.url, got, c.want)
		}
	}
}
