package fakeollama

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// A model is one large layer and a small one.
const (
	Layer  = 10_000_000
	small  = 500
	pieces = 10 // lines in which the large one comes
)

// pull is POST /api/pull. What a broken pull had brought is there for the next.
func (s *Server) pull(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model string
	}
	if json.NewDecoder(r.Body).Decode(&q) != nil || q.Model == "" {
		fail(w, 400, "invalid model name")
		return
	}
	n := s.begin(q.Model)
	defer s.end(q.Model)
	p := &pulling{server: s, w: w, r: r, model: full(q.Model), pull: n}
	w.Header().Set("Content-Type", "application/x-ndjson")
	p.line(map[string]any{"status": "pulling manifest"})
	if !slices.ContainsFunc(s.options.Registry, func(m string) bool { return full(m) == p.model }) {
		p.line(map[string]any{"error": "pull model manifest: file does not exist"})
		return
	}
	if !p.layers() {
		return
	}
	for _, status := range []string{"verifying sha256 digest", "writing manifest"} {
		if !p.line(map[string]any{"status": status}) {
			return
		}
	}
	s.mu.Lock()
	if !slices.Contains(s.models, p.model) {
		s.models = append(s.models, p.model)
	}
	s.mu.Unlock()
	p.line(map[string]any{"status": "success"})
}

func (s *Server) begin(model string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Pulls[model]++
	s.pulling[model]++
	s.stats.AtOnce = max(s.stats.AtOnce, s.pulling[model])
	return s.stats.Pulls[model]
}

func (s *Server) end(model string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulling[model]--
}

// pulling is one pull under way.
type pulling struct {
	server      *Server
	w           http.ResponseWriter
	r           *http.Request
	model       string
	pull, lines int
}

// layers sends the lines of both layers: of each first one without a count, and the last one twice.
func (p *pulling) layers() bool {
	s := p.server
	digest := fmt.Sprintf("%012x", len(p.model))
	about := func(name string, total int64) map[string]any {
		return map[string]any{"status": "pulling " + name, "digest": "sha256:" + name, "total": total}
	}
	if !p.line(about(digest, Layer)) {
		return false
	}
	for {
		s.mu.Lock()
		done := s.parts[p.model]
		if done < Layer {
			done += Layer / pieces
			s.parts[p.model] = done
			s.stats.Sent[p.model] += Layer / pieces
		}
		s.mu.Unlock()
		at := about(digest, Layer)
		at["completed"] = done
		if !p.line(at) {
			return false
		}
		if done == Layer {
			if !p.line(at) {
				return false
			}
			break
		}
	}
	last := about("c"+digest[1:], small)
	last["completed"] = small
	return p.line(last)
}

// line sends one; false: the pull is over.
func (p *pulling) line(v map[string]any) bool {
	p.lines++
	fault := None
	if hook := p.server.options.OnLine; hook != nil {
		fault = hook(p.model, p.pull, p.lines)
	}
	switch fault {
	case Cut:
		panic(http.ErrAbortHandler) // the only way to end a connection inside a body
	case Fail:
		v = map[string]any{"error": "max retries exceeded: unexpected EOF"}
	case Silent:
		for p.r.Context().Err() == nil && p.send(v) {
			select {
			case <-time.After(time.Second):
			case <-p.r.Context().Done():
			}
		}
		return false
	}
	return p.send(v) && fault == None && p.r.Context().Err() == nil
}

func (p *pulling) send(v map[string]any) bool {
	body, _ := json.Marshal(v) // of this package: cannot fail
	_, err := io.WriteString(p.w, string(body)+"\n")
	return err == nil && http.NewResponseController(p.w).Flush() == nil
}
