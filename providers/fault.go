package providers

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// fault is what a server says about a failure, whatever shape it says it in.
type fault struct {
	status  int    // the status it names in the body; 0: none
	code    string // such as insufficient_quota; may be empty, like all of these
	kind    string // such as invalid_request_error
	param   string
	message string
	after   time.Duration // the wait it asks for in the body
	daily   bool          // a quota of Google's for the day is used up, whatever wait it asks for
	page    bool          // it is a web page, for people
}

// faultBody has the fields of all known error bodies, outer and inner ones.
type faultBody struct {
	Error     json.RawMessage `json:"error"`
	Message   text            `json:"message"`
	Msg       text            `json:"msg"`
	Detail    json.RawMessage `json:"detail"` // FastAPI
	Code      text            `json:"code"`
	Status    text            `json:"status"` // Google: a word
	Type      text            `json:"type"`
	ErrorType text            `json:"error_type"` // TGI
	Param     text            `json:"param"`
	Inner     json.RawMessage `json:"innererror"` // Azure: a code of its own
	Metadata  json.RawMessage `json:"metadata"`   // OpenRouter: what the provider behind it said
	Details   json.RawMessage `json:"details"`    // Google: when to come back
}

// untilReset is how long a quota for the day is gone: Google's return at midnight in California, for which the later of its two
// offsets is taken. Source: https://ai.google.dev/gemini-api/docs/rate-limits
func (f fault) untilReset(now time.Time) time.Duration {
	if !f.daily {
		return 0
	}
	there := now.In(time.FixedZone("", -8*60*60))
	return time.Date(there.Year(), there.Month(), there.Day()+1, 0, 0, 0, 0, there.Location()).Sub(now)
}

// readFault reads an error body; false if it is none.
func readFault(body []byte) (fault, bool) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' { // Google wraps its errors in a list
		var list []json.RawMessage
		if json.Unmarshal(body, &list) != nil || len(list) == 0 {
			return fault{}, false
		}
		body = list[0]
	}
	var outer faultBody
	if json.Unmarshal(body, &outer) != nil {
		return fault{}, false
	}
	if !present(outer.Error) {
		return outer.fault()
	}
	var inner faultBody
	if json.Unmarshal(outer.Error, &inner) == nil {
		return inner.fault()
	}
	var words text
	if json.Unmarshal(outer.Error, &words) == nil && words != "true" {
		outer.Message = words
	}
	return outer.fault()
}

func (b *faultBody) fault() (fault, bool) {
	f := fault{
		code:    firstText(field(b.Inner, "code"), b.Code),
		kind:    firstText(b.Type, b.ErrorType, b.Status),
		param:   string(b.Param),
		message: firstText(b.Message, b.Msg),
	}
	f.after, f.daily = retryDelay(b.Details)
	for _, s := range []text{b.Code, b.Status} {
		if n, err := strconv.Atoi(string(s)); err == nil && n >= 300 && n < 600 {
			f.status = n
		}
	}
	if raw := field(b.Metadata, "raw"); raw != "" {
		f.message += ": " + string(raw)
	}
	if where, what := b.detail(); what != "" && f.message == "" {
		f.message = what
		f.param = firstText(b.Param, text(where))
	}
	if f.message == "" {
		f.message = firstText(b.Code, b.Type)
	}
	return f, f.message != ""
}

// detail reads FastAPI's field: a sentence, or a list of complaints with the path of the field.
func (b *faultBody) detail() (where, what string) {
	var list []struct {
		Loc []text `json:"loc"`
		Msg text   `json:"msg"`
	}
	if json.Unmarshal(b.Detail, &list) != nil || len(list) == 0 {
		var s text
		if len(b.Detail) > 0 && json.Unmarshal(b.Detail, &s) == nil {
			return "", string(s)
		}
		return "", ""
	}
	var path []string
	for _, step := range list[0].Loc {
		if step != "body" {
			path = append(path, string(step))
		}
	}
	where = strings.Join(path, ".")
	return where, where + ": " + string(list[0].Msg)
}

// retryDelay finds Google's wait among its details, and whether a quota for the day is used up.
func retryDelay(details json.RawMessage) (wait time.Duration, daily bool) {
	var list []struct {
		Delay      string `json:"retryDelay"`
		Violations []struct {
			Quota string `json:"quotaId"`
		} `json:"violations"`
	}
	if len(details) == 0 || json.Unmarshal(details, &list) != nil {
		return 0, false
	}
	for _, d := range list {
		if delay, err := time.ParseDuration(d.Delay); err == nil {
			wait = max(wait, delay)
		}
		for _, v := range d.Violations {
			daily = daily || strings.Contains(v.Quota, "PerDay")
		}
	}
	return wait, daily
}

// field is one member of an object; empty if raw is none.
func field(raw json.RawMessage, name string) text {
	var o map[string]text
	if len(raw) == 0 || json.Unmarshal(raw, &o) != nil {
		return ""
	}
	return o[name]
}

func firstText(all ...text) string {
	for _, t := range all {
		if t != "" {
			return string(t)
		}
	}
	return ""
}
