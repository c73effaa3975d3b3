package configs

import (
	"errors"
	"net/url"
	"strings"
)

// kindAuth is how a key is sent to endpoints of a kind unless auth says so; kinds that are not here: bearer.
var kindAuth = map[string]string{"anthropic": "x-api-key", "gemini": "x-goog-api-key", "azure": "api-key"}

const googleHost = "generativelanguage.googleapis.com"

// completions complete an address to the one that calls go to, by kind. An error says what is wrong with the address and what to
// write instead; it never repeats the address, which may hold a secret.
var completions = map[string]func(*url.URL) error{
	"openai":    completeOpenAI,
	"anthropic": completeAnthropic,
	"gemini":    completeGemini,
	"azure":     completeAzure,
	"ollama":    completeOllama,
}

// foreignHost is advice about a host that is known for another protocol; "" where there is none to give.
func foreignHost(u *url.URL) string {
	host := strings.ToLower(u.Hostname())
	switch {
	case strings.HasSuffix(host, ".openai.azure.com"), strings.HasSuffix(host, ".cognitiveservices.azure.com"):
		return "this is Azure, which takes a key in a header of its own: write kind: azure"
	case host == googleHost && !strings.Contains(u.Path, "/openai"):
		return "this is Gemini: write kind: gemini, or the address of its OpenAI-compatible server, which ends in /v1beta/openai"
	}
	return ""
}

func completeOpenAI(u *url.URL) error {
	trimmed := strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(trimmed, "/v1/models"), strings.HasSuffix(trimmed, "/v1/completions"), strings.HasSuffix(trimmed, "/v1/responses"):
		return errors.New("url is to be the address of the API, to which calls add /chat/completions: let it end in /v1")
	case strings.HasSuffix(trimmed, "/v1/messages"):
		return errors.New("this is the address of Anthropic's messages: write kind: anthropic")
	case strings.HasSuffix(trimmed, ":generateContent"), strings.HasSuffix(trimmed, ":streamGenerateContent"):
		return errors.New("this is an address of Gemini: write kind: gemini, and the address without the model, such as https://generativelanguage.googleapis.com/v1beta")
	}
	if strings.HasSuffix(trimmed, "/openai") && strings.EqualFold(u.Hostname(), googleHost) { // where nothing answers but below it
		u.Path = trimmed + "/chat/completions"
		return nil
	}
	u.Path = chatPath(u.Path)
	return nil
}

// completeOllama takes any address of an Ollama for that of its own protocol.
func completeOllama(u *url.URL) error {
	base := strings.TrimRight(u.Path, "/")
	for _, end := range []string{"/chat/completions", "/v1", "/api/chat", "/api"} {
		base = strings.TrimSuffix(base, end)
	}
	u.Path = base + "/api/chat"
	return nil
}

func completeAnthropic(u *url.URL) error {
	trimmed := strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(trimmed, "/chat/completions"):
		return errors.New("kind: anthropic does not go with an address that ends in /chat/completions: remove kind, or write the address without that path")
	case strings.HasSuffix(trimmed, "/messages"):
		u.Path = trimmed
	case versionPath.MatchString(trimmed):
		u.Path = trimmed + "/messages"
	default:
		u.Path = trimmed + "/v1/messages"
	}
	return nil
}

func completeGemini(u *url.URL) error {
	trimmed := strings.TrimRight(u.Path, "/")
	switch {
	case strings.HasSuffix(trimmed, "/openai"), strings.HasSuffix(trimmed, "/chat/completions"):
		return errors.New("kind: gemini does not go with Gemini's OpenAI-compatible address: remove kind, or write the address without /openai")
	case strings.Contains(trimmed, ":"), strings.Contains(trimmed, "/models/"):
		return errors.New("the address of Gemini names no model, as model_id does: write one such as https://generativelanguage.googleapis.com/v1beta")
	case trimmed == "":
		u.Path = "/v1beta"
	default:
		u.Path = strings.TrimSuffix(trimmed, "/models")
	}
	return nil
}

func completeAzure(u *url.URL) error {
	trimmed := strings.TrimRight(u.Path, "/")
	version := u.Query().Get("api-version")
	_, deployment, older := strings.Cut(trimmed, "/openai/deployments")
	switch {
	case older && version == "":
		return errors.New("this older address of Azure needs a version: add ?api-version=2024-10-21, or write one that ends in /openai/v1")
	case older:
		deployment = strings.TrimSuffix(deployment, "/chat/completions")
		if strings.Count(deployment, "/") > 1 {
			return errors.New("an address of Azure goes on to /openai/deployments/NAME, and no further")
		}
		if u.Path = trimmed; deployment != "" {
			u.Path = strings.TrimSuffix(trimmed, "/chat/completions") + "/chat/completions"
		}
	case trimmed == "" && version != "", trimmed == "/openai" && version != "":
		u.Path = "/openai/deployments" // and then the model's name
	case trimmed == "", trimmed == "/openai":
		u.Path = "/openai/v1/chat/completions"
	case versionPath.MatchString(trimmed):
		u.Path = trimmed + "/chat/completions"
	case strings.HasSuffix(trimmed, "/chat/completions"):
		u.Path = trimmed
	default:
		return errors.New("an address of Azure is https://NAME.openai.azure.com/openai/v1, or the older one with /openai/deployments/NAME?api-version=…")
	}
	return nil
}
