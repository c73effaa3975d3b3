package fakehub

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// call is a request under way at the Hub.
type call struct {
	w       http.ResponseWriter
	r       *http.Request
	account *Account // nil: nobody
	parts   []string // of the path, without escapes
	repo    *repo
}

func reply(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // of this package
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// fail answers as the real Hub does: a code and a message in the headers, and the message in the body.
func fail(w http.ResponseWriter, status int, code, message string) {
	if code != "" {
		w.Header().Set("X-Error-Code", code)
	}
	w.Header().Set("X-Error-Message", message)
	reply(w, status, map[string]string{"error": message})
}

func (q *call) reply(status int, body any)            { reply(q.w, status, body) }
func (q *call) fail(status int, code, message string) { fail(q.w, status, code, message) }
func (q *call) entryMissing(name string) {
	q.fail(http.StatusNotFound, "EntryNotFound", "Entry not found: "+name)
}
func (q *call) forbid(message string) { q.fail(http.StatusForbidden, "", message) }
func (q *call) bad(message string)    { q.fail(http.StatusBadRequest, "", message) }
func (q *call) is(method string, want ...string) bool {
	return q.r.Method == method && q.begins(want...) && len(q.parts) == len(want)
}

func (q *call) begins(want ...string) bool {
	if len(q.parts) < len(want) {
		return false
	}
	for i, w := range want {
		if q.parts[i] != w {
			return false
		}
	}
	return true
}

// hub serves the Hub itself.
func (h *Hub) hub(w http.ResponseWriter, r *http.Request) {
	q := &call{w: w, r: r}
	for p := range strings.SplitSeq(strings.Trim(r.URL.EscapedPath(), "/"), "/") {
		plain, err := url.PathUnescape(p)
		if err != nil {
			q.bad("the path is no path")
			return
		}
		q.parts = append(q.parts, plain)
	}
	bucket := "api"
	if len(q.parts) > 3 && (q.parts[3] == "resolve" || q.parts[1] == "resolve-cache") {
		bucket = "resolvers"
	}
	if !h.admit(w, bucket) {
		return
	}
	known := false
	if q.account, known = h.who(r); !known {
		q.fail(http.StatusUnauthorized, "", "Invalid credentials in Authorization header")
		return
	}
	switch {
	case q.is("GET", "api", "whoami-v2"):
		h.whoami(q)
	case q.is("POST", "api", "validate-yaml"):
		h.validateYAML(q)
	case q.is("POST", "api", "repos", "create"):
		h.create(q)
	case q.is("POST", "api", "complete_multipart"):
		h.complete(q)
	case q.begins("api", "resolve-cache", "datasets") && len(q.parts) > 6:
		q.parts = append([]string{"datasets", q.parts[3], q.parts[4], "resolve"}, q.parts[5:]...)
		h.ofRepo(q, h.cached)
	case q.begins("datasets") && len(q.parts) > 5 && q.parts[3] == "resolve":
		h.ofRepo(q, h.resolve)
	case q.begins("datasets") && len(q.parts) == 7 && strings.HasSuffix(q.parts[2], ".git") && q.parts[4] == "lfs":
		q.parts[2] = strings.TrimSuffix(q.parts[2], ".git")
		h.ofRepo(q, h.lfs)
	case q.begins("api", "datasets") && len(q.parts) >= 4:
		q.parts = q.parts[1:]
		h.ofRepo(q, h.api)
	default:
		q.fail(http.StatusNotFound, "", "Sorry, we can't find the page you are looking for.")
	}
}

// ofRepo finds the dataset in parts 1 and 2, if the account may know of it: who is nobody is asked to sign in, whether there
// is such a dataset or not.
func (h *Hub) ofRepo(q *call, next func(*call)) {
	id := q.parts[1] + "/" + q.parts[2]
	h.mu.Lock()
	q.repo = h.repos[id]
	h.mu.Unlock()
	if q.repo != nil && (!q.repo.private || q.account.belongs(id)) {
		next(q)
		return
	}
	if q.account == nil {
		q.w.Header().Set("WWW-Authenticate", `Bearer realm="Authentication required", charset="UTF-8"`)
		q.fail(http.StatusUnauthorized, "", "Invalid username or password.")
		return
	}
	q.fail(http.StatusNotFound, "RepoNotFound", "Repository not found")
}

// revision takes a revision from parts i and on, which may be escaped or not, and what is left.
func (q *call) revision(i int) (name string, rest []string) {
	rest = q.parts[i:]
	if len(rest) == 0 {
		return "main", nil
	}
	if rest[0] == "refs" && len(rest) >= 3 {
		return strings.Join(rest[:3], "/"), rest[3:]
	}
	return rest[0], rest[1:]
}

// at is the commit of a revision; it has answered if that is nil. The Hub must be locked.
func (q *call) at(revision string) *commit {
	c := q.repo.at(revision)
	if c == nil {
		q.fail(http.StatusNotFound, "RevisionNotFound", "Invalid rev id: "+revision)
	}
	return c
}

// decode reads a JSON body, and answers if it cannot.
func (q *call) decode(into any) bool {
	if err := json.NewDecoder(q.r.Body).Decode(into); err != nil {
		q.bad("the body is no JSON of the kind that is expected: " + err.Error())
		return false
	}
	return true
}
