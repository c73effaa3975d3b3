package prices

import (
	"net"
	"strings"
)

// hosts says whose API is served under an address. An address that is not here has no price from a list: the same name may
// be another model there, on other terms.
var hosts = map[string]string{
	"api.openai.com":                    "openai",
	"api.anthropic.com":                 "anthropic",
	"generativelanguage.googleapis.com": "google",
	"openrouter.ai":                     "openrouter",
	"api.groq.com":                      "groq",
	"api.together.xyz":                  "togetherai",
	"api.together.ai":                   "togetherai",
	"api.mistral.ai":                    "mistral",
	"api.deepseek.com":                  "deepseek",
	"api.x.ai":                          "xai",
	"api.fireworks.ai":                  "fireworks-ai",
	"api.cerebras.ai":                   "cerebras",
	"api.deepinfra.com":                 "deepinfra",
	"api.perplexity.ai":                 "perplexity",
	"api.cohere.com":                    "cohere",
	"api.cohere.ai":                     "cohere",
	"api.moonshot.ai":                   "moonshotai",
}

// aliases are what other lists call providers.
var aliases = map[string]string{
	"together_ai":  "togetherai",
	"gemini":       "google",
	"fireworks_ai": "fireworks-ai",
	"cohere_chat":  "cohere",
	"moonshot":     "moonshotai",
}

// canonical is the one name of a provider.
func canonical(name string) string {
	name = strings.ToLower(name)
	if known, ok := aliases[name]; ok {
		return known
	}
	return name
}

// providerAt is whose API is served under a host, which may have a port; "": nobody known.
func providerAt(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return hosts[strings.ToLower(strings.TrimSuffix(host, "."))]
}
