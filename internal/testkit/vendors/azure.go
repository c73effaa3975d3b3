package vendors

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
)

// Azure serves both address forms of Azure OpenAI.
// Sources: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle (the newer), …/openai/reference (the older)
type Azure struct{ *Server }

func (a *Azure) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// No limit is told as 0 or -1, and a 429 may lack Retry-After. Source: https://learn.microsoft.com/answers/questions/5625878
	w.Header().Set("X-Ratelimit-Limit-Requests", "0")
	w.Header().Set("X-Ratelimit-Remaining-Requests", "-1")
	w.Header().Set("Apim-Request-Id", "0a1b2c3d-0000-1111-2222-333344445555")
	if r.Header.Get("Api-Key") != a.Key || r.Header.Get("Authorization") != "" {
		azureFail(w, http.StatusUnauthorized, "401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var q struct {
		Model    string    `json:"model"`
		Messages []message `json:"messages"`
		Stream   bool      `json:"stream"`
	}
	if json.Unmarshal(body, &q) != nil {
		azureFail(w, http.StatusBadRequest, "BadRequest", "The request body is not JSON.")
		return
	}
	deployment := q.Model
	if rest, ok := strings.CutPrefix(r.URL.Path, "/openai/deployments/"); ok {
		deployment, ok = strings.CutSuffix(rest, "/chat/completions")
		if !ok || r.URL.Query().Get("api-version") == "" {
			azureFail(w, http.StatusNotFound, "404", "Resource not found")
			return
		}
	} else if r.URL.Path != "/openai/v1/chat/completions" {
		azureFail(w, http.StatusNotFound, "404", "Resource not found")
		return
	}
	ask := question{messages: q.Messages}
	switch {
	case strings.Contains(deployment, "nope"):
		azureFail(w, http.StatusNotFound, "DeploymentNotFound", "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.")
	case a.overloaded():
		azureFail(w, http.StatusTooManyRequests, "429", "Requests have exceeded the token rate limit of your current pricing tier.")
	case ask.holds(Blocked): // Source: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter#prompt-filtered
		send(w, http.StatusBadRequest, map[string]any{"error": map[string]any{
			"message": "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", "type": nil, "param": "prompt",
			"code": "content_filter", "status": 400, "innererror": map[string]any{"code": "ResponsibleAIPolicyViolation"}}})
	default:
		a.complete(w, r, body, deployment, q.Stream, ask.holds(Unsafe))
	}
}

func azureFail(w http.ResponseWriter, status int, code, text string) {
	send(w, status, map[string]any{"error": map[string]string{"code": code, "message": text}})
}

// complete passes a request on, and adds what Azure does: the filter's results, and the name of the model behind the deployment.
func (a *Azure) complete(w http.ResponseWriter, r *http.Request, body []byte, deployment string, streamed, unsafe bool) {
	var q map[string]any
	_ = json.Unmarshal(body, &q) // it was read just now
	q["model"], q["stream"] = deployment, false
	delete(q, "stream_options")
	body, _ = json.Marshal(q)
	inner := httptest.NewRequestWithContext(r.Context(), http.MethodPost, "/v1/chat/completions", bytes.NewReader(body))
	got := httptest.NewRecorder()
	a.Model.ServeHTTP(got, inner)
	var reply map[string]any
	if json.Unmarshal(got.Body.Bytes(), &reply) != nil || got.Code != http.StatusOK {
		w.WriteHeader(got.Code)
		_, _ = w.Write(got.Body.Bytes())
		return
	}
	choice := reply["choices"].([]any)[0].(map[string]any)
	text := choice["message"].(map[string]any)["content"].(string)
	if unsafe { // the answer is withheld, a 200. Source: …/openai/concepts/content-filter#content-filtered
		text, choice["finish_reason"] = "", "content_filter"
		choice["message"] = map[string]any{"role": "assistant"}
	}
	filtered := []any{map[string]any{"prompt_index": 0, "content_filter_results": map[string]any{}}}
	if !streamed {
		reply["prompt_filter_results"] = filtered
		send(w, http.StatusOK, reply)
		return
	}
	to := stream(w)
	// The first event has no choice, nor a name. Source: …/openai/concepts/content-streaming
	to.event("", map[string]any{"choices": []any{}, "created": 0, "id": "", "model": "", "object": "", "prompt_filter_results": filtered})
	delta := func(d map[string]any, finish any) map[string]any {
		return map[string]any{"id": reply["id"], "model": reply["model"], "object": "chat.completion.chunk",
			"choices": []any{map[string]any{"index": 0, "delta": d, "finish_reason": finish, "content_filter_results": map[string]any{}}}}
	}
	for i, half := range halves(text) {
		if a.Cut && i > 0 {
			to.cut()
		}
		to.event("", delta(map[string]any{"content": half}, nil))
	}
	to.event("", delta(map[string]any{}, choice["finish_reason"]))
	to.event("", map[string]any{"id": reply["id"], "model": reply["model"], "choices": []any{}, "usage": reply["usage"]})
	_, _ = io.WriteString(w, "data: [DONE]\n\n")
}
