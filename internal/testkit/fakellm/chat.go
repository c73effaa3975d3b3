package fakellm

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/goccy/go-json"
)

const maxBody = 64 << 20

// chat is POST /v1/chat/completions.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		fail(w, http.StatusBadRequest, "invalid_request_error", "", "body: "+err.Error())
		return
	}
	var q request
	if err := json.Unmarshal(body, &q); err != nil {
		fail(w, http.StatusBadRequest, "invalid_request_error", "", "body is no chat request: "+err.Error())
		return
	}
	key := Key(sha256.Sum256(body))
	latencies, faults := s.latency.Load(), s.faults.Load() // whoever counts arrivals may change them for those to come
	asked, n := s.ledger.arrive(key, q.Model)
	defer s.ledger.leave()
	if s.options.OnArrive != nil {
		s.options.OnArrive(n)
	}
	if s.disliked(w, body) || s.refused(w, r, &q) {
		return
	}
	if !s.slots.take(r.Context(), s.options.Refuse) {
		if r.Context().Err() != nil {
			s.ledger.aborted(key)
		} else {
			s.tooMany(w)
		}
		return
	}
	defer s.slots.give()

	d := dice(s.options.Seed, key, asked)
	latency := latencies.draw(d)
	s.ledger.held(latency)
	if !pause(r, latency) {
		s.ledger.aborted(key)
		return
	}
	fault := faults.draw(d)
	if (fault != cutBody || !q.Stream) && s.failed(w, fault) {
		return
	}
	s.answer(w, &q, key, fault)
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if n := r.ContentLength; n >= 0 && n <= maxBody {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
}

// refused answers what no repetition of the request changes, and the first calls of a server that is still loading.
func (s *Server) refused(w http.ResponseWriter, r *http.Request, q *request) bool {
	o := &s.options
	switch {
	case o.Key != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+o.Key)) == 0:
		fail(w, http.StatusUnauthorized, "invalid_request_error", "invalid_api_key", "Incorrect API key provided.")
	case s.loading.Load() > 0 && s.loading.Add(-1) >= 0:
		fail(w, http.StatusServiceUnavailable, "unavailable_error", "", "Loading model")
	case len(o.Models) > 0 && !slices.Contains(o.Models, q.Model):
		fail(w, http.StatusNotFound, "invalid_request_error", "model_not_found", fmt.Sprintf("The model `%s` does not exist", q.Model))
	case o.BrokenModel != "" && q.Model == o.BrokenModel:
		fail(w, http.StatusInternalServerError, "server_error", "", "The model crashed.")
	case o.NoSchema && q.Format.Type == "json_schema":
		fail(w, http.StatusBadRequest, "invalid_request_error", "unsupported_parameter", "response_format of type json_schema is not supported")
	case o.NoObject && q.Format.Type == "json_object":
		fail(w, http.StatusBadRequest, "invalid_request_error", "unsupported_parameter", "response_format of type json_object is not supported")
	case o.RefuseLogprobs && q.Logprobs:
		fail(w, http.StatusBadRequest, "invalid_request_error", "unsupported_parameter", "logprobs is not supported with this model")
	case o.MaxChars > 0 && q.chars() > o.MaxChars:
		fail(w, http.StatusBadRequest, "invalid_request_error", "context_length_exceeded",
			fmt.Sprintf("This model's maximum context length is %d tokens; your messages have more.", o.MaxChars/4))
	default:
		return false
	}
	return true
}

// failed answers with a fault, if there is one.
func (s *Server) failed(w http.ResponseWriter, f fault) bool {
	switch f {
	case tooMany:
		s.tooMany(w)
	case internalError:
		fail(w, http.StatusInternalServerError, "server_error", "", "The server had an error while processing your request.")
	case cutBody:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "2000")
		_, _ = io.WriteString(w, `{"id":"cut","object":"chat.completion","choices":[{"index":0,"message":{"content":"this ends in the mid`)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // the only way to end a connection inside a body
	case malformedBody:
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id":"malformed","choices":[{"index":0,"message":{"content":"no end`)
	default:
		return false
	}
	return true
}

func (s *Server) tooMany(w http.ResponseWriter) {
	if after := s.faults.Load().RetryAfter; after > 0 {
		w.Header().Set("Retry-After", strconv.FormatFloat(after.Seconds(), 'f', -1, 64))
	}
	fail(w, http.StatusTooManyRequests, "requests", "rate_limit_exceeded", "Rate limit reached.")
}

// fail writes an error in OpenAI's form.
func fail(w http.ResponseWriter, status int, kind, code, message string) {
	e := map[string]any{"message": message, "type": kind, "param": nil, "code": nil}
	if code != "" {
		e["code"] = code
	}
	body, _ := json.Marshal(map[string]any{"error": e}) // strings only: cannot fail
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// pause waits for d; false if the client left first.
func pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// answer sends the reply and books it once the kernel has all of it.
func (s *Server) answer(w http.ResponseWriter, q *request, key Key, fault fault) {
	a := s.buffers.Get().(*reply)
	defer s.buffers.Put(a)
	s.compose(a, q, key)
	var err error
	switch {
	case q.Stream && fault == cutBody:
		err = s.stream(w, q, a, 1)
	case q.Stream:
		err = s.stream(w, q, a, 0)
	default:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
		if _, err = w.Write(a.body); err == nil {
			err = http.NewResponseController(w).Flush()
		}
	}
	if err != nil {
		s.ledger.aborted(key)
		return
	}
	n := s.ledger.replied(key, q.Model, a.input, a.output, crc32.Checksum(a.text, castagnoli))
	if s.options.OnReplied != nil {
		s.options.OnReplied(n)
	}
}
