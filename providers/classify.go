package providers

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// complaint is all that is known about a refused call.
type complaint struct {
	fault
	status int           // of the failure; for an error inside a 200 the one that its words stand for
	after  time.Duration // from headers and body
	told   bool          // a Retry-After header was there, readable or not
	fields []string      // of the request, that it could do without
	words  string        // code, kind and message, lower case
}

// complain collects what is known. h and fields may be nil.
func complain(status int, h http.Header, f fault, fields []string, now time.Time) *complaint {
	f.after = max(f.after, f.untilReset(now))
	return &complaint{
		fault:  f,
		status: status,
		after:  max(RetryAfter(h, now), f.after),
		told:   h.Get("Retry-After") != "" || h.Get("Retry-After-Ms") != "",
		fields: fields,
		words:  strings.ToLower(f.code + " " + f.kind + " " + f.message),
	}
}

// rule sorts a complaint. The first rule that matches decides.
type rule struct {
	class  Class
	reason string
	match  func(*complaint) bool
}

// Their order is what tells apart the many meanings of a 400, 403, 404 and 429.
var rules = []rule{
	{Refused, ReasonTLS, (*complaint).wantsTLS},
	{Rejected, ReasonFiltered, (*complaint).filtered},
	{Refused, ReasonQuota, (*complaint).quota},
	{Rejected, ReasonContext, (*complaint).contextLength},
	{Refused, ReasonModel, (*complaint).unknownModel},
	{Refused, ReasonBadKey, (*complaint).badKey},
	{Refused, ReasonNotFound, on(404, 405, 410)},
	{Temporary, ReasonLoading, (*complaint).loading},
	{Overloaded, ReasonRateLimit, on(429)},
	{Overloaded, ReasonOverloaded, on(498, 529)},
	{Overloaded, ReasonOverloaded, func(c *complaint) bool {
		return c.status == 503 && (c.told || strings.Contains(c.words, "maximum pending requests"))
	}},
	{Temporary, ReasonTimeout, on(408)},
	{Temporary, ReasonConflict, on(409, 425)},
	{Temporary, ReasonServer, func(c *complaint) bool { return c.status >= 500 }},
	{Rejected, ReasonInvalid, (*complaint).badValue},
	{Unsupported, ReasonUnsupported, func(c *complaint) bool { return c.unsupported() != "" }},
	{Rejected, ReasonRequestSize, on(413)},
	{Rejected, ReasonInvalid, func(*complaint) bool { return true }},
}

func on(statuses ...int) func(*complaint) bool {
	return func(c *complaint) bool { return slices.Contains(statuses, c.status) }
}

// sort gives class, reason and, for an unsupported field, its name.
func (c *complaint) sort() Error {
	for _, r := range rules {
		if r.match(c) {
			e := Error{Class: r.class, Reason: r.reason}
			if r.class == Temporary || r.class == Overloaded {
				e.After = c.after
			}
			if r.class == Unsupported {
				e.Param = c.unsupported()
			}
			return e
		}
	}
	return Error{Class: Rejected, Reason: ReasonInvalid}
}

// wantsTLS is an encrypted port that was spoken to in plain: net/http, nginx, Apache, Envoy and Java say so with a 400.
func (c *complaint) wantsTLS() bool {
	return c.status == 400 && containsAny(c.words, "http request to an https server", "plain http request was sent to https port",
		"plain http to an ssl-enabled", "combination of host and port requires tls")
}

func (c *complaint) client() bool { return c.status == 400 || c.status == 413 || c.status == 422 }

func (c *complaint) filtered() bool {
	return (c.status == 403 || c.client()) && containsAny(c.words, "content_filter", "content_policy_violation",
		"content management policy", "responsibleaipolicyviolation", "moderation", "was flagged", "data_inspection_failed")
}

// quota is an empty account, which waiting does not fill. A rate limit may use the same words but says when to return.
func (c *complaint) quota() bool {
	if c.status == 402 || containsAny(c.words, "insufficient_quota", "billing_hard_limit", "billing_not_active") {
		return c.status < 500
	}
	return c.status >= 400 && c.status < 500 && c.after == 0 && containsAny(c.words, "exceeded your current quota",
		"insufficient balance", "insufficient credit", "insufficient_credit", "credit balance is too low", "out of credits", "billing details")
}

func (c *complaint) contextLength() bool {
	return (c.client() || c.status == 500) && containsAny(c.words, "context_length", "context length", "context_window",
		"contextwindow", "context window", "context size", "context_size", "maximum sequence length", "max_model_len", "too many tokens",
		"prompt is too long", "input is too long", "input length", "input token count", "reduce the length",
		"inputs` tokens", "exceeds the maximum number of tokens", "request too large for model", "longer than the model")
}

func (c *complaint) unknownModel() bool {
	if containsAny(c.words, "model_not_found", "model_not_available", "deploymentnotfound") {
		return c.status >= 400 && c.status < 500
	}
	switch c.status {
	case 404:
		return containsAny(c.words, "model", "no endpoints found")
	case 400, 422:
		return containsAny(c.words, "model not exist", "not a valid model", "invalid model", "unknown model", "no such model") ||
			strings.Contains(c.words, "model") && containsAny(c.words, "does not exist", "not found")
	}
	return false
}

func (c *complaint) badKey() bool {
	return c.status == 401 || c.status == 403 || c.status == http.StatusProxyAuthRequired ||
		c.status == 400 && containsAny(c.words, "api key not valid", "invalid api key", "incorrect api key", "invalid_api_key", "api_key_invalid")
}

func (c *complaint) loading() bool {
	return c.status == 503 && containsAny(c.words, "loading model", "currently loading", "model is loading", "is still loading")
}

// badValue is a field that the server knows, with a value that it does not take. Leaving it out would ask for something else than
// the user did. A model that takes one value only does not know the field in all but name.
func (c *complaint) badValue() bool {
	if slices.Contains(c.fields, "response_format") && containsAny(c.words, schemaWords...) {
		return false // what a reply must look like is our wish, not the user's
	}
	return c.client() && !containsAny(c.words, "unsupported", "not support", "not permitted", "unknown", "unrecognized", "deprecated", "cannot both") &&
		containsAny(c.words, "range:", "out of range", "less than or equal", "greater than", "less than", "must be between", "must be in", "must be at",
			"must be non-negative", "must be positive", "maximum value", "minimum value", "maximum allowed", "minimum allowed", "at most", "at least",
			"expected a value", "should be a valid", "invalid type")
}

// schemaWords are names under which servers speak of response_format.
var schemaWords = []string{"response_format", "response format", "json_schema", "json_object", "json schema", "structured output",
	"structured_outputs", "guided_json", "guided", "grammar", "output_config", "output_format", "responsejsonschema",
	"response_schema", "json mode"}

// unsupported is the optional field of the request that a 400 or 422 is about; "" if it is about none.
func (c *complaint) unsupported() string {
	if c.status != 400 && c.status != 422 {
		return ""
	}
	named, _, _ := strings.Cut(c.param, ".")
	named, _, _ = strings.Cut(named, "[")
	if slices.Contains(c.fields, named) {
		return named
	}
	if slices.Contains(c.fields, "response_format") && containsAny(c.words, schemaWords...) {
		return "response_format"
	}
	first, param := len(c.words), ""
	for _, f := range c.fields {
		if at := mention(c.words, strings.ToLower(f)); at >= 0 && at < first {
			first, param = at, f
		}
	}
	return param
}

// mention is where words speak of a field, or -1. A name that is also an English word counts in quotes, or before a
// colon.
func mention(words, name string) int {
	plain := len(name) < 6 && !strings.Contains(name, "_")
	for i := range wordsIn(words, name) {
		end := i + len(name)
		quoted := i > 0 && end < len(words) && strings.IndexByte("'\"`", words[i-1]) >= 0 && words[end] == words[i-1]
		headed := end < len(words) && words[end] == ':' // Pydantic's messages begin with the field
		if quoted || headed || !plain {
			return i
		}
	}
	return -1
}

// insideStatus is the status that an error inside a 200 would have had.
func (f fault) insideStatus() int {
	if f.status != 0 {
		return f.status
	}
	for _, word := range []string{strings.ToLower(f.code), strings.ToLower(f.kind)} {
		if status, ok := statusOf[word]; ok {
			return status
		}
	}
	return http.StatusInternalServerError
}

var statusOf = map[string]int{
	"insufficient_quota": 429, "rate_limit_exceeded": 429, "rate_limit_error": 429, "resource_exhausted": 429, "too_many_requests": 429,
	"overloaded_error": 529, "overloaded": 529,
	"invalid_api_key": 401, "authentication_error": 401, "unauthenticated": 401, "permission_error": 403, "permission_denied": 403,
	"model_not_found": 404, "not_found_error": 404, "not_found": 404,
	"context_length_exceeded": 400, "exceed_context_size_error": 400, "content_filter": 400,
	"invalid_request_error": 400, "invalid_argument": 400, "badrequesterror": 400,
	"timeout": 408, "timeout_error": 504, "unavailable_error": 503, "unavailable": 503,
	"billing_error": 402, "request_too_large": 413, "api_error": 500, "internal": 500,
}
