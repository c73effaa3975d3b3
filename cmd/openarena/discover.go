package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"openarena/providers"
)

// service is a model server that `init` has found.
type service struct {
	providers.Local
	ID  string // in endpoints:
	Env string // variable with the key; "": it is on this machine, and costs nothing
}

// ports are where servers listen unless they are told otherwise: Ollama, vLLM, llama.cpp, LM Studio, SGLang.
var ports = []string{"11434", "8000", "8080", "1234", "30000"}

// hosted are services that a key in the environment opens, with some of their models to begin with.
var hosted = []service{
	cloud("OpenAI", "openai", "openai", "https://api.openai.com/v1", "OPENAI_API_KEY", "gpt-4o-mini", "gpt-4o"),
	cloud("Anthropic", "anthropic", "anthropic", "https://api.anthropic.com", "ANTHROPIC_API_KEY", "claude-haiku-4-5", "claude-sonnet-4-5"),
	cloud("Gemini", "gemini", "gemini", "https://generativelanguage.googleapis.com", "GEMINI_API_KEY", "gemini-2.5-flash", "gemini-2.5-pro"),
	cloud("Gemini", "gemini", "gemini", "https://generativelanguage.googleapis.com", "GOOGLE_API_KEY", "gemini-2.5-flash", "gemini-2.5-pro"),
	cloud("OpenRouter", "openrouter", "openai", "https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", "meta-llama/llama-3.1-8b-instruct", "mistralai/mistral-nemo"),
	cloud("Groq", "groq", "openai", "https://api.groq.com/openai/v1", "GROQ_API_KEY", "llama-3.1-8b-instant", "llama-3.3-70b-versatile"),
	cloud("Together", "together", "openai", "https://api.together.xyz/v1", "TOGETHER_API_KEY", "meta-llama/Llama-3.3-70B-Instruct-Turbo", "Qwen/Qwen2.5-7B-Instruct-Turbo"),
	// Of Azure the address is one's own, as are the names under which models were deployed.
	cloud("Azure OpenAI", "azure", "azure", "${AZURE_OPENAI_ENDPOINT}", "AZURE_OPENAI_API_KEY", "gpt-4o-mini"),
}

func cloud(name, id, kind, url, env string, models ...string) service {
	return service{providers.Local{Name: name, Kind: kind, URL: url, Models: models}, id, env}
}

// what tells why a service was taken.
func (s service) what() string {
	if s.Env != "" {
		return "its key is in " + s.Env
	}
	const most = 10
	if more := len(s.Models) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(s.Models[:most], ", "), more)
	}
	return strings.Join(s.Models, ", ")
}

// discover asks the servers of this machine, and looks for keys. It sends no key anywhere.
func discover(ctx context.Context) []service {
	found := discoverHere(ctx)
	for _, s := range hosted {
		twice := slices.ContainsFunc(found, func(f service) bool { return f.ID == s.ID })
		if os.Getenv(s.Env) != "" && !twice && there(s.URL) {
			found = append(found, s)
		}
	}
	return found
}

// there reports whether an address that stands in the environment does stand there.
func there(url string) bool {
	variable, ok := strings.CutPrefix(url, "${")
	if !ok {
		return true
	}
	return strings.HasPrefix(os.Getenv(strings.TrimSuffix(variable, "}")), "https://")
}

// discoverHere asks whoever listens on this machine, all at once.
func discoverHere(ctx context.Context) (found []service) {
	roots := rootsHere(os.Getenv("OLLAMA_HOST"))
	all := make([]*providers.Local, len(roots))
	var asking sync.WaitGroup
	for i, root := range roots {
		asking.Go(func() {
			if s, ok := providers.Discover(ctx, root); ok {
				all[i] = &s
			}
		})
	}
	asking.Wait()
	taken := map[string]bool{}
	for i, s := range all {
		if s == nil {
			continue
		}
		if s.Models = named(s.Models); len(s.Models) == 0 {
			continue
		}
		if s.Name == "" {
			s.Name = "a model server"
		}
		id := identifiers[s.Name]
		if id == "" || taken[id] {
			id = cmp.Or(id, "local") + "-" + roots[i][strings.LastIndexByte(roots[i], ':')+1:]
		}
		taken[id] = true
		found = append(found, service{Local: *s, ID: id})
	}
	return found
}

var identifiers = map[string]string{"Ollama": "ollama", "vLLM": "vllm", "llama.cpp": "llamacpp", "LM Studio": "lmstudio", "SGLang": "sglang"}

// rootsHere are the addresses to look at. OLLAMA_HOST says where Ollama is, in any of the forms that Ollama itself takes.
func rootsHere(ollamaHost string) (roots []string) {
	if root, ok := ollamaRoot(ollamaHost); ok {
		roots = append(roots, root)
	}
	for _, port := range ports {
		if root := "http://localhost:" + port; !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

// ollamaRoot reads OLLAMA_HOST: a host, a port, both, or an address. A server that listens everywhere is found here.
func ollamaRoot(host string) (string, bool) {
	host = strings.Trim(strings.TrimSpace(host), `"'`)
	scheme, rest, ok := strings.Cut(host, "://")
	port := map[string]string{"http": "80", "https": "443"}[scheme]
	if !ok {
		scheme, rest, port = "http", host, "11434"
	}
	rest, _, _ = strings.Cut(rest, "/")
	if rest == "" || port == "" {
		return "", false
	}
	name := rest
	if h, p, err := net.SplitHostPort(rest); err == nil {
		name, port = h, cmp.Or(p, port)
	}
	switch name = strings.Trim(name, "[]"); name {
	case "", "0.0.0.0", "::", "127.0.0.1", "::1":
		name = "localhost"
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", false
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`@?#"'\`, r) }) {
		return "", false
	}
	return scheme + "://" + net.JoinHostPort(name, port), true
}

// longestName is more than any server calls a model.
const longestName = 200

// named leaves out what nobody would call a model, what is there twice, and models that do not chat: names come from whoever
// listens at that port.
func named(models []string) (names []string) {
	for _, m := range models {
		strange := func(r rune) bool { return !unicode.IsPrint(r) }
		if m != "" && len(m) <= longestName && !strings.ContainsFunc(m, strange) && !silent.MatchString(m) && !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	return names
}

// silent are the names of models that turn texts into numbers, and answer nothing.
var silent = regexp.MustCompile(`(?i)\b(embed(ding)?s?|rerank(er)?|bge-(m3|base|small|large))\b|minilm|embed-text`)

// arenaFile is what init.tmpl is filled with.
type arenaFile struct {
	Endpoints []service
	Models    []seat
	Judge     seat
	Found     bool
}

// seat is a model with its endpoint.
type seat struct {
	Name, ModelID, Endpoint string
	Free                    bool // its endpoint is on this machine
}

// maxSeats is how many contestants a new file names: enough for an arena, few enough for a first run.
const maxSeats = 4

// scaffold seats the models that were found; the last one judges, where there are enough.
func scaffold(found []service) arenaFile {
	f := arenaFile{Found: len(found) > 0}
	if !f.Found {
		found = []service{{providers.Local{Name: "Ollama", Kind: "ollama", URL: "http://localhost:11434", Models: []string{"llama3.2", "qwen2.5", "gemma2"}}, "ollama", ""}}
	}
	f.Endpoints = found
	var seats []seat
	for _, s := range found {
		for _, m := range s.Models {
			// Two servers with one model are one contestant.
			if !slices.ContainsFunc(seats, func(s seat) bool { return s.ModelID == m }) {
				seats = append(seats, seat{Name: m, ModelID: m, Endpoint: s.ID, Free: s.Env == ""})
			}
		}
	}
	f.Judge = seats[len(seats)-1]
	if len(seats) > 2 {
		seats = seats[:len(seats)-1]
	}
	f.Models = seats[:min(len(seats), maxSeats)]
	return f
}
