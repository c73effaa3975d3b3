package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"openarena/internal/secret"
	"openarena/providers"
)

// service is a model server that `init` looks for: on this machine by its port, elsewhere by the key in the environment.
type service struct {
	Name string
	ID   string // in endpoints:
	URL  string
	Env  string // variable with the key; "" for a server on this machine
	// Models are what it has; of a service with a key, some to begin with.
	Models []string
}

var services = []service{
	{Name: "Ollama", ID: "ollama", URL: "http://localhost:11434/v1"},
	{Name: "vLLM", ID: "vllm", URL: "http://localhost:8000/v1"},
	{Name: "llama.cpp", ID: "llamacpp", URL: "http://localhost:8080/v1"},
	{Name: "LM Studio", ID: "lmstudio", URL: "http://localhost:1234/v1"},
	{Name: "SGLang", ID: "sglang", URL: "http://localhost:30000/v1"},
	{Name: "OpenAI", ID: "openai", URL: "https://api.openai.com/v1", Env: "OPENAI_API_KEY", Models: []string{"gpt-4o-mini", "gpt-4o"}},
	{Name: "OpenRouter", ID: "openrouter", URL: "https://openrouter.ai/api/v1", Env: "OPENROUTER_API_KEY",
		Models: []string{"meta-llama/llama-3.1-8b-instruct", "mistralai/mistral-nemo"}},
	{Name: "Groq", ID: "groq", URL: "https://api.groq.com/openai/v1", Env: "GROQ_API_KEY", Models: []string{"llama-3.1-8b-instant", "llama-3.3-70b-versatile"}},
	{Name: "Together", ID: "together", URL: "https://api.together.xyz/v1", Env: "TOGETHER_API_KEY",
		Models: []string{"meta-llama/Llama-3.3-70B-Instruct-Turbo", "Qwen/Qwen2.5-7B-Instruct-Turbo"}},
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

// discoverTimeout is for a server on this machine: it answers at once, or is none.
const discoverTimeout = time.Second

// discover asks the servers of this machine, all at once, and looks for keys. It sends no key anywhere.
func discover(ctx context.Context) (found []service) {
	ctx, cancel := context.WithTimeout(ctx, discoverTimeout)
	defer cancel()
	all := make([]service, len(services))
	var asking sync.WaitGroup
	for i, s := range services {
		asking.Go(func() {
			if s.Env == "" {
				s.Models = modelsOf(ctx, s)
			} else if os.Getenv(s.Env) == "" {
				s.Models = nil
			}
			all[i] = s
		})
	}
	asking.Wait()
	for _, s := range all {
		if len(s.Models) > 0 {
			found = append(found, s)
		}
	}
	return found
}

// discoverHere asks the servers of this machine only.
func discoverHere(ctx context.Context) (found []service) {
	for _, s := range discover(ctx) {
		if s.Env == "" {
			found = append(found, s)
		}
	}
	return found
}

func modelsOf(ctx context.Context, s service) []string {
	client, err := providers.New(providers.Endpoint{Name: s.Name, URL: s.URL + "/chat/completions", Key: secret.String{}})
	if err != nil {
		return nil
	}
	lister, ok := client.(providers.Lister)
	if !ok {
		return nil
	}
	models, err := lister.Models(ctx)
	if err != nil {
		return nil
	}
	return named(models)
}

// longestName is more than any server calls a model.
const longestName = 200

// named leaves out what nobody would call a model, and what is there twice: names come from whoever listens at that port.
func named(models []string) (names []string) {
	for _, m := range models {
		strange := func(r rune) bool { return !unicode.IsPrint(r) }
		if m != "" && len(m) <= longestName && !strings.ContainsFunc(m, strange) && !slices.Contains(names, m) {
			names = append(names, m)
		}
	}
	return names
}

// arenaFile is what init.tmpl is filled with.
type arenaFile struct {
	Endpoints []service
	Models    []seat
	Judge     seat
	Found     bool
}

// seat is a model with its endpoint.
type seat struct{ Name, ModelID, Endpoint string }

// maxSeats is how many contestants a new file names: enough for an arena, few enough for a first run.
const maxSeats = 4

// scaffold seats the models that were found; the last one judges, where there are enough.
func scaffold(found []service) arenaFile {
	f := arenaFile{Found: len(found) > 0}
	if !f.Found {
		found = []service{{Name: "Ollama", ID: "ollama", URL: services[0].URL, Models: []string{"llama3.2", "qwen2.5", "gemma2"}}}
	}
	f.Endpoints = found
	var seats []seat
	for _, s := range found {
		for _, m := range s.Models {
			// Two servers with one model are one contestant.
			if !slices.ContainsFunc(seats, func(s seat) bool { return s.ModelID == m }) {
				seats = append(seats, seat{Name: m, ModelID: m, Endpoint: s.ID})
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
