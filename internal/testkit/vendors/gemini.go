package vendors

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
)

// Gemini serves POST /v1beta/models/MODEL:generateContent, its streaming sister, and GET /v1beta/models.
type Gemini struct{ *Server }

// Sources: https://ai.google.dev/api/generate-content#GenerationConfig
var geminiConfig = []string{"stopSequences", "responseMimeType", "responseSchema", "responseJsonSchema", "candidateCount", "maxOutputTokens",
	"temperature", "topP", "topK", "seed", "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs", "thinkingConfig", "mediaResolution"}

// Source: https://ai.google.dev/api/generate-content#request-body
var geminiFields = []string{"contents", "tools", "toolConfig", "safetySettings", "systemInstruction", "generationConfig", "cachedContent"}

type geminiContent struct {
	Role  string `json:"role,omitempty"`
	Parts []struct {
		Text string `json:"text"`
	} `json:"parts"`
}

func (c *geminiContent) text() (all string) {
	for _, p := range c.Parts {
		all += p.Text
	}
	return all
}

type geminiRequest struct {
	Contents []geminiContent `json:"contents"`
	System   *geminiContent  `json:"systemInstruction"`
	Config   struct {
		MaxTokens int             `json:"maxOutputTokens"`
		Mime      string          `json:"responseMimeType"`
		Schema    json.RawMessage `json:"responseJsonSchema"`
		Thinking  struct {
			Include bool `json:"includeThoughts"`
		} `json:"thinkingConfig"`
	} `json:"generationConfig"`
}

func (g *Gemini) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Goog-Api-Key") != g.Key || r.Header.Get("Authorization") != "" || r.URL.Query().Has("key") {
		// A bad key is a 400, not a 401. Source: https://ai.google.dev/gemini-api/docs/troubleshooting
		geminiFail(w, http.StatusBadRequest, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
			map[string]any{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"})
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1beta/")
	model, method, called := strings.Cut(strings.TrimPrefix(path, "models/"), ":")
	switch {
	case r.Method == http.MethodGet && path == "models":
		// Not all can generate. Source: https://ai.google.dev/api/models#Model
		send(w, http.StatusOK, map[string]any{"models": []map[string]any{
			{"name": "models/gemini-small", "supportedGenerationMethods": []string{"generateContent", "countTokens"}},
			{"name": "models/gemini-embedding", "supportedGenerationMethods": []string{"embedContent"}},
		}})
	case r.Method != http.MethodPost || !called || !strings.HasPrefix(path, "models/"):
		geminiFail(w, http.StatusNotFound, "NOT_FOUND", "Not Found")
	case strings.Contains(model, "nope"):
		geminiFail(w, http.StatusNotFound, "NOT_FOUND", fmt.Sprintf(
			"models/%s is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models.", model))
	case method == "generateContent", method == "streamGenerateContent":
		g.generate(w, r, model, method != "generateContent")
	}
}

// geminiFail writes an error. Source: https://cloud.google.com/apis/design/errors#http_mapping
func geminiFail(w http.ResponseWriter, status int, kind, text string, details ...any) {
	send(w, status, map[string]any{"error": map[string]any{"code": status, "message": text, "status": kind, "details": details}})
}

func (g *Gemini) generate(w http.ResponseWriter, r *http.Request, model string, streamed bool) {
	var q geminiRequest
	if why := readGemini(r, &q); why != "" {
		geminiFail(w, http.StatusBadRequest, "INVALID_ARGUMENT", why)
		return
	}
	if g.overloaded() { // the wait is in the body only. Source: https://cloud.google.com/apis/design/errors#error_details
		geminiFail(w, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.",
			map[string]any{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []any{map[string]string{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}}},
			map[string]any{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.05s"})
		return
	}
	ask := question{model: model, maxTokens: q.Config.MaxTokens, schema: q.Config.Schema}
	if q.System != nil {
		ask.messages = append(ask.messages, message{"system", q.System.text()})
	}
	for _, c := range q.Contents {
		role := map[string]string{"model": "assistant", "user": "user", "": "user"}[c.Role]
		ask.messages = append(ask.messages, message{role, c.text()})
	}
	if ask.holds(Blocked) { // a 200 without candidates. Source: https://ai.google.dev/api/generate-content#PromptFeedback
		send(w, http.StatusOK, map[string]any{"promptFeedback": map[string]any{"blockReason": "PROHIBITED_CONTENT"},
			"usageMetadata": map[string]int{"promptTokenCount": 4, "totalTokenCount": 4}, "modelVersion": model})
		return
	}
	said := g.ask(r, ask)
	if said.status != http.StatusOK {
		kind := map[int]string{429: "RESOURCE_EXHAUSTED", 400: "INVALID_ARGUMENT", 404: "NOT_FOUND", 503: "UNAVAILABLE"}[said.status]
		if kind == "" {
			kind = "INTERNAL"
		}
		geminiFail(w, said.status, kind, said.complaint)
		return
	}
	g.answer(w, &q, model, said, ask.holds(Unsafe), streamed, r.URL.Query().Get("alt") == "sse")
}

func readGemini(r *http.Request, q *geminiRequest) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err.Error()
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return "Invalid JSON payload received. " + err.Error()
	}
	for name := range all {
		if !slices.Contains(geminiFields, name) {
			return fmt.Sprintf("Invalid JSON payload received. Unknown name %q: Cannot find field.", name)
		}
	}
	var config map[string]json.RawMessage
	if raw, ok := all["generationConfig"]; ok {
		if err := json.Unmarshal(raw, &config); err != nil {
			return err.Error()
		}
	}
	for name := range config {
		if !slices.Contains(geminiConfig, name) {
			return fmt.Sprintf("Invalid JSON payload received. Unknown name %q at 'generation_config': Cannot find field.", name)
		}
	}
	if err := json.Unmarshal(body, q); err != nil {
		return err.Error()
	}
	if len(q.Contents) == 0 {
		return "* GenerateContentRequest.contents: contents is not specified"
	}
	for _, c := range q.Contents {
		if c.Role != "user" && c.Role != "model" && c.Role != "" {
			return "Please use a valid role: user, model."
		}
	}
	// Source: https://ai.google.dev/gemini-api/docs/structured-output
	if q.Config.Schema != nil && q.Config.Mime != "application/json" {
		return "response_json_schema is only supported with response_mime_type application/json"
	}
	return ""
}

// answer sends candidates. Thoughts are parts with a mark, and their tokens are not among those of the candidates.
// Source: https://ai.google.dev/gemini-api/docs/thinking
func (g *Gemini) answer(w http.ResponseWriter, q *geminiRequest, model string, said answer, unsafe, streamed, sse bool) {
	finish := map[string]string{"stop": "STOP", "length": "MAX_TOKENS"}[said.finish]
	usage := map[string]int{"promptTokenCount": said.input, "cachedContentTokenCount": said.input / 2, "candidatesTokenCount": said.output}
	var parts []map[string]any
	if q.Config.Thinking.Include {
		parts = append(parts, map[string]any{"text": "Let me think.", "thought": true})
		usage["thoughtsTokenCount"] = 3
	}
	for _, half := range halves(said.text) {
		parts = append(parts, map[string]any{"text": half})
	}
	if unsafe { // no content at all. Source: https://ai.google.dev/gemini-api/docs/safety-settings#safety-feedback
		finish, parts = "SAFETY", nil
	}
	piece := func(parts []map[string]any, finish string) map[string]any {
		candidate := map[string]any{"index": 0}
		if len(parts) > 0 {
			candidate["content"] = map[string]any{"role": "model", "parts": parts}
		}
		if finish != "" {
			candidate["finishReason"] = finish
		}
		return map[string]any{"candidates": []any{candidate}, "usageMetadata": usage, "modelVersion": model, "responseId": "resp-1"}
	}
	if !streamed {
		send(w, http.StatusOK, piece(parts, finish))
		return
	}
	if !sse { // without alt=sse one long list comes. Source: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent
		send(w, http.StatusOK, []any{piece(parts, finish)})
		return
	}
	to := stream(w)
	for i, part := range parts {
		if g.Cut && i == len(parts)-1 {
			to.cut()
		}
		to.event("", piece([]map[string]any{part}, ""))
	}
	to.event("", piece(nil, finish)) // and no event that says it is the last
}
