// Package fakeollama is an Ollama server for tests, written from what version 0.6.5 was seen to do: its native and its
// OpenAI-compatible API, models that are pulled, contexts that cut prompts without a word, and a memory that holds one model
// at a time and counts how often it is changed. What the models say is fakellm's.
package fakeollama

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"openarena/internal/testkit/fakellm"
)

// Options say what a server is like. The zero value has no model, and a registry that has none either.
type Options struct {
	Models   []string // that it has
	Registry []string // that it can pull
	Context  int      // of models that a call does not size; 0: 2048
	Trained  int      // the largest context of all models; 0: 8192
	Refuses  bool     // as later versions do: a prompt that does not fit is an error where the call says truncate: false
	LLM      fakellm.Options

	// OnLine, where set, is called before each line of a pull is sent, with the model and the number of the pull and the
	// line, both from 1. What it returns happens.
	OnLine func(model string, pull, line int) Fault
}

// Fault is what happens to a pull.
type Fault uint8

// The faults.
const (
	None   Fault = iota
	Cut          // the connection ends
	Fail         // a line with an error, in a reply that began with 200
	Silent       // the same line again and again, until the client leaves
)

// Server is a fake Ollama. Use it as an [http.Handler], or Start it on a port of its own.
type Server struct {
	options Options
	llm     *fakellm.Server
	mux     *http.ServeMux

	mu      sync.Mutex
	models  []string
	parts   map[string]int64 // bytes of models that were pulled in part
	stats   Stats
	pulling map[string]int // pulls under way, by model
	loaded  string

	listener net.Listener
	http     *http.Server
}

// Stats are what a server has counted.
type Stats struct {
	Calls    map[string]int // chats, by model; those that failed, too
	Pulls    map[string]int
	Sent     map[string]int64 // bytes that pulls brought, by model
	AtOnce   int              // pulls of one model under way together, at most
	Switches int              // times another model, or another context, had to be loaded
	Contexts []int            // that were loaded, in order
}

// New returns a server that is not yet listening.
func New(o Options) *Server {
	if o.Context == 0 {
		o.Context = 2048
	}
	if o.Trained == 0 {
		o.Trained = 8192
	}
	s := &Server{
		options: o, llm: fakellm.New(o.LLM), mux: http.NewServeMux(), parts: map[string]int64{}, pulling: map[string]int{},
		stats: Stats{Calls: map[string]int{}, Pulls: map[string]int{}, Sent: map[string]int64{}},
	}
	for _, m := range o.Models {
		s.models = append(s.models, full(m))
	}
	s.mux.HandleFunc("GET /api/version", func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]string{"version": "0.0.0"}) })
	s.mux.HandleFunc("GET /api/tags", s.tags)
	s.mux.HandleFunc("GET /v1/models", s.list)
	s.mux.HandleFunc("POST /api/show", s.show)
	s.mux.HandleFunc("POST /api/pull", s.pull)
	s.mux.HandleFunc("POST /api/chat", s.chat)
	s.mux.HandleFunc("POST /v1/chat/completions", s.completions)
	return s
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Start listens on address, such as "127.0.0.1:0", and serves until Close.
func (s *Server) Start(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("fake Ollama: %w", err)
	}
	s.listener = l
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	go s.http.Serve(l) // returns when Close has closed the listener
	return nil
}

// URL is the server's root: http://HOST:PORT.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close stops a started server; calls in flight lose their connection.
func (s *Server) Close() error {
	if err := s.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("fake Ollama: %w", err)
	}
	return nil
}

// LLM is who speaks for the models; it counts chats under the body that fakellm saw.
func (s *Server) LLM() *fakellm.Server { return s.llm }

// Stats returns a copy of what was counted so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, _ := json.Marshal(s.stats) // numbers and strings: cannot fail
	var c Stats
	_ = json.Unmarshal(b, &c)
	return c
}

// Remove takes a model away, as `ollama rm` does.
func (s *Server) Remove(model string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.models = slices.DeleteFunc(s.models, func(m string) bool { return m == full(model) })
}

// full is a model's name with its tag.
func full(name string) string {
	if strings.LastIndexByte(name, ':') <= strings.LastIndexByte(name, '/') {
		return name + ":latest"
	}
	return name
}

func (s *Server) has(model string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.models, full(model))
}

func reply(w http.ResponseWriter, status int, v any) {
	body, _ := json.Marshal(v) // of this package: cannot fail
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// fail writes an error as the native API does: flat.
func fail(w http.ResponseWriter, status int, format string, args ...any) {
	reply(w, status, map[string]string{"error": fmt.Sprintf(format, args...)})
}

func (s *Server) tags(w http.ResponseWriter, _ *http.Request) {
	list := []map[string]string{}
	s.mu.Lock()
	for _, m := range s.models {
		list = append(list, map[string]string{"name": m, "model": m})
	}
	s.mu.Unlock()
	reply(w, 200, map[string]any{"models": list})
}

func (s *Server) list(w http.ResponseWriter, _ *http.Request) {
	list := []map[string]string{}
	s.mu.Lock()
	for _, m := range s.models {
		list = append(list, map[string]string{"id": m, "object": "model"})
	}
	s.mu.Unlock()
	reply(w, 200, map[string]any{"object": "list", "data": list})
}

func (s *Server) show(w http.ResponseWriter, r *http.Request) {
	var q struct{ Model string }
	if json.NewDecoder(r.Body).Decode(&q) != nil || q.Model == "" {
		fail(w, 400, "model is required")
		return
	}
	if !s.has(q.Model) {
		fail(w, 404, "model '%s' not found", q.Model)
		return
	}
	reply(w, 200, map[string]any{
		"details":    map[string]string{"family": "llama"},
		"model_info": map[string]any{"general.architecture": "llama", "llama.context_length": s.options.Trained},
	})
}

// load makes room for a model with that context, and unloads what was there.
func (s *Server) load(model string, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := fmt.Sprintf("%s %d", full(model), size)
	if s.loaded != name {
		s.loaded = name
		s.stats.Switches++
		s.stats.Contexts = append(s.stats.Contexts, size)
	}
}
