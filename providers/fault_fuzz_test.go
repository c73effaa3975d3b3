package providers

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// FuzzRefusal sorts any answer of a server into a class: a status that tells a refusal for good is never tried again
// because of what its body says, and a wait is never negative.
func FuzzRefusal(f *testing.F) {
	for _, body := range []string{
		`{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}`, `{"error":"model 'x' not found"}`,
		`[{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"3.5s"}]}}]`,
		`{"error":{"message":"This model's maximum context length is 4096 tokens"}}`, `{"detail":[{"loc":["body","seed"],"msg":"no"}]}`,
		`{"message":"Unsupported parameter: 'seed'","param":"seed"}`, `{"error":{"metadata":{"raw":"{\"error\":1}"}}}`,
		`{"error":{"innererror":{"code":"ResponsibleAIPolicyViolation"}}}`, `<html>`, `null`, `[]`, `{"error":true}`,
	} {
		for _, status := range []int{400, 401, 403, 404, 429, 500, 503} {
			f.Add(body, status, "7")
		}
	}
	f.Fuzz(func(t *testing.T, body string, status int, after string) {
		status = 400 + max(status, -status)%200
		said, _ := readFault([]byte(body))
		h := http.Header{"Retry-After": {after}}
		e := complain(status, h, said, []string{"seed", "response_format"}, time.Unix(1e9, 0)).sort()
		if e.Reason == "" || e.After < 0 {
			t.Errorf("a %d with %q is %+v; want a reason, and no negative wait", status, body, e)
		}
		again := e.Class == Temporary || e.Class == Overloaded
		if slices.Contains([]int{400, 401, 402, 404, 413, 422}, status) && again {
			t.Errorf("a %d with %q is tried again: %+v", status, body, e)
		}
		if e.Class == Unsupported && !slices.Contains([]string{"seed", "response_format"}, e.Param) {
			t.Errorf("a %d with %q asks to leave out %q, which was not sent", status, body, e.Param)
		}
	})
}
