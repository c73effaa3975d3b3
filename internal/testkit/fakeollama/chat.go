package fakeollama

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
)

// message is a turn.
type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// tokens is what the tokenizer makes of a prompt: a quarter of its bytes, and some for the template.
func tokens(all []message) (n int) {
	for _, m := range all {
		n += (len(m.Content)+3)/4 + 5
	}
	return n
}

// fit does to a prompt what Ollama does: messages before the last one go, the system's too, and what is then still too long
// loses its beginning.
func fit(all []message, size int) ([]message, int) {
	for len(all) > 1 && tokens(all) > size {
		all = all[1:]
	}
	n := tokens(all)
	if n <= size {
		return all, n
	}
	last := all[0]
	last.Content = last.Content[max(0, len(last.Content)-4*(size-5)):]
	return []message{last}, size
}

// chat is POST /api/chat.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model    string          `json:"model"`
		Messages []message       `json:"messages"`
		Stream   *bool           `json:"stream"`
		Format   json.RawMessage `json:"format"`
		Truncate *bool           `json:"truncate"`
		Options  struct {
			NumCtx     int `json:"num_ctx"`
			NumPredict int `json:"num_predict"`
		} `json:"options"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		fail(w, 400, "%v", err)
		return
	}
	s.called(q.Model)
	if !s.has(q.Model) {
		fail(w, 404, "model \"%s\" not found, try pulling it first", q.Model)
		return
	}
	size := s.options.Context
	if q.Options.NumCtx > 0 {
		size = min(q.Options.NumCtx, s.options.Trained)
	}
	s.load(q.Model, size)
	if s.options.Refuses && q.Truncate != nil && !*q.Truncate && tokens(q.Messages) > size {
		fail(w, 400, "the input length exceeds the context length")
		return
	}
	said, count, ok := s.speak(w, r, spoken{q.Model, q.Messages, q.Options.NumPredict, format(q.Format)}, size)
	if !ok {
		return
	}
	final := map[string]any{
		"model": q.Model, "created_at": "2026-01-01T00:00:00Z", "done": true, "done_reason": said.Choices[0].Finish,
		"message": message{"assistant", said.Choices[0].Message.Content}, "prompt_eval_count": count, "eval_count": said.Usage.Output,
	}
	if q.Stream != nil && !*q.Stream {
		reply(w, 200, final)
		return
	}
	s.stream(w, said.Choices[0].Message.Content, final)
}

// stream sends the text in two pieces and the rest in a last line.
func (s *Server) stream(w http.ResponseWriter, text string, final map[string]any) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	half := len(text) / 2
	for _, piece := range []string{text[:half], text[half:]} {
		line, _ := json.Marshal(map[string]any{"model": final["model"], "done": false, "message": message{"assistant", piece}})
		_, _ = w.Write(append(line, '\n'))
	}
	final["message"] = message{"assistant", ""}
	line, _ := json.Marshal(final)
	_, _ = w.Write(append(line, '\n'))
}

// completions is POST /v1/chat/completions, whose context nobody can size.
func (s *Server) completions(w http.ResponseWriter, r *http.Request) {
	var q struct {
		Model     string          `json:"model"`
		Messages  []message       `json:"messages"`
		MaxTokens int             `json:"max_tokens"`
		Format    json.RawMessage `json:"response_format"`
	}
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		reply(w, 400, map[string]any{"error": map[string]any{"message": err.Error(), "type": "invalid_request_error", "param": nil, "code": nil}})
		return
	}
	s.called(q.Model)
	if !s.has(q.Model) {
		reply(w, 404, map[string]any{"error": map[string]any{
			"message": "model \"" + q.Model + "\" not found, try pulling it first", "type": "api_error", "param": nil, "code": nil}})
		return
	}
	s.load(q.Model, s.options.Context)
	said, count, ok := s.speak(w, r, spoken{q.Model, q.Messages, q.MaxTokens, q.Format}, s.options.Context)
	if !ok {
		return
	}
	reply(w, 200, map[string]any{
		"id": "chatcmpl-1", "object": "chat.completion", "model": q.Model, "system_fingerprint": "fp_ollama",
		"choices": []any{map[string]any{"index": 0, "message": message{"assistant", said.Choices[0].Message.Content}, "finish_reason": said.Choices[0].Finish}},
		"usage":   map[string]int{"prompt_tokens": count, "completion_tokens": said.Usage.Output, "total_tokens": count + said.Usage.Output},
	})
}

func (s *Server) called(model string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Calls[model]++
}

// format is the native format in OpenAI's words.
func format(native json.RawMessage) json.RawMessage {
	switch {
	case len(native) == 0:
		return nil
	case string(native) == `"json"`:
		return json.RawMessage(`{"type":"json_object"}`)
	}
	f, _ := json.Marshal(map[string]any{"type": "json_schema", "json_schema": map[string]any{"name": "x", "schema": native}})
	return f
}

// spoken is a call as fakellm takes it.
type spoken struct {
	Model     string          `json:"model"`
	Messages  []message       `json:"messages"`
	MaxTokens int             `json:"max_tokens,omitempty"`
	Format    json.RawMessage `json:"response_format,omitempty"`
}

// completion is what fakellm replies.
type completion struct {
	Choices []struct {
		Message message `json:"message"`
		Finish  string  `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		Output int `json:"completion_tokens"`
	} `json:"usage"`
}

// speak has fakellm answer what fits into size tokens, and counts them. Its failures are passed on; then ok is false.
func (s *Server) speak(w http.ResponseWriter, r *http.Request, q spoken, size int) (said completion, count int, ok bool) {
	q.Messages, count = fit(q.Messages, size)
	body, _ := json.Marshal(q) // of this package: cannot fail
	inner := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/v1/chat/completions", bytes.NewReader(body))
	inner.Header = r.Header
	got := httptest.NewRecorder()
	s.llm.ServeHTTP(got, inner)
	if got.Code != 200 || json.Unmarshal(got.Body.Bytes(), &said) != nil || len(said.Choices) == 0 {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes())
		return said, 0, false
	}
	return said, count, true
}
