package fakehub

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"regexp"
	"strings"
)

var isName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?$`)

// create is POST /api/repos/create.
func (h *Hub) create(q *call) {
	var asked struct {
		Name         string `json:"name"`
		Organization string `json:"organization"`
		Type         string `json:"type"`
		Private      bool   `json:"private"`
		Visibility   string `json:"visibility"`
	}
	if !q.decode(&asked) {
		return
	}
	if q.account == nil {
		q.fail(http.StatusUnauthorized, "", "Invalid username or password.")
		return
	}
	if asked.Organization == "" {
		asked.Organization = q.account.User
	}
	if asked.Type != "dataset" || !isName.MatchString(asked.Name) || strings.Contains(asked.Name, "--") || strings.Contains(asked.Name, "..") {
		q.bad(fmt.Sprintf("Invalid repo type %q or name %q", asked.Type, asked.Name))
		return
	}
	id := asked.Organization + "/" + asked.Name
	if !q.account.mayWrite(id) {
		q.forbid(fmt.Sprintf("You don't have the rights to create a dataset under the namespace %q", asked.Organization))
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	address := h.URL + "/datasets/" + id
	if h.repos[id] != nil {
		q.reply(http.StatusConflict, map[string]string{"error": "You already created this dataset repo", "url": address})
		return
	}
	r := h.newRepo(id, q.account.User)
	r.private = asked.Private || asked.Visibility == "private"
	q.reply(http.StatusOK, map[string]string{"url": address, "name": id, "id": digest("dataset", id)[:24]})
}

// mayChange says whether the caller may write to this revision, or open a pull request, and has answered if not.
func (h *Hub) mayChange(q *call, revision string) bool {
	switch {
	case q.account == nil:
		q.fail(http.StatusUnauthorized, "", "Invalid username or password.")
	case q.account.mayWrite(q.repo.id):
		return true
	case q.account.Role == "read":
		q.forbid("Forbidden: you must use a write token to upload to a repository.")
	case q.r.URL.Query().Get("create_pr") != "" || strings.HasPrefix(revision, "refs/pr/"):
		return true // anybody may propose
	default:
		q.forbid("Forbidden: pass `create_pr=1` as a query parameter to create a Pull Request")
	}
	return false
}

// preupload tells which files are large, and which are there already.
func (h *Hub) preupload(q *call) {
	var asked struct {
		Files []struct {
			Path   string `json:"path"`
			Sample []byte `json:"sample"`
			Size   int64  `json:"size"`
		} `json:"files"`
	}
	revision, _ := q.revision(4)
	if !h.mayChange(q, revision) || !q.decode(&asked) {
		return
	}
	if len(asked.Files) == 0 || len(asked.Files) > 256 {
		q.bad("\"files\" must have between 1 and 256 items")
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c := q.at(revision)
	if c == nil {
		return
	}
	planned := []map[string]any{}
	for _, f := range asked.Files {
		if why := invalid(f.Path); why != "" {
			q.bad(why)
			return
		}
		p := map[string]any{"path": f.Path, "uploadMode": "regular", "shouldIgnore": false}
		if h.isLarge(f.Path, f.Size, f.Sample) {
			p["uploadMode"] = "lfs"
		}
		if there, ok := c.files[f.Path]; ok {
			p["oid"] = strings.Trim(there.etag(), `"`)
		}
		planned = append(planned, p)
	}
	q.reply(http.StatusOK, map[string]any{"files": planned, "commitOid": c.ID})
}

// invalid says what is wrong with a path, if anything.
func invalid(name string) string {
	if name == "" || path.IsAbs(name) || path.Clean(name) != name || strings.HasPrefix(name, "../") || name == ".." || name == ".git" ||
		strings.HasPrefix(name, ".git/") || strings.Contains(name, `\`) {
		return fmt.Sprintf("Invalid path %q", name)
	}
	return ""
}

// line is one of a commit's body.
type line struct {
	Key   string `json:"key"`
	Value struct {
		Summary      string `json:"summary"`
		Description  string `json:"description"`
		ParentCommit string `json:"parentCommit"`
		Path         string `json:"path"`
		Content      string `json:"content"`
		Encoding     string `json:"encoding"`
		Algo         string `json:"algo"`
		OID          string `json:"oid"`
		Size         int64  `json:"size"`
	} `json:"value"`
}

func readLines(body io.Reader) (all []line, err error) {
	for r := bufio.NewReader(body); ; {
		text, failed := r.ReadBytes('\n')
		if len(strings.TrimSpace(string(text))) > 0 {
			var l line
			if err := json.Unmarshal(text, &l); err != nil {
				return nil, fmt.Errorf("line %d is no JSON: %w", len(all)+1, err)
			}
			all = append(all, l)
		}
		if errors.Is(failed, io.EOF) {
			break
		}
		if failed != nil {
			return nil, failed
		}
	}
	if len(all) == 0 || all[0].Key != "header" || all[0].Value.Summary == "" {
		return nil, errors.New("the first line must be a header with a summary")
	}
	return all, nil
}

// commit is POST /api/datasets/ORG/NAME/commit/REV: all of it or nothing.
func (h *Hub) commit(q *call) {
	revision, _ := q.revision(4)
	if !h.mayChange(q, revision) {
		return
	}
	if !strings.HasPrefix(q.r.Header.Get("Content-Type"), "application/x-ndjson") {
		q.bad("Content-Type must be application/x-ndjson")
		return
	}
	lines, err := readLines(q.r.Body)
	if err != nil {
		q.bad(err.Error())
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	c := q.at(revision)
	if c == nil {
		return
	}
	header := lines[0].Value
	if header.ParentCommit != "" && header.ParentCommit != c.ID {
		q.fail(http.StatusPreconditionFailed, "", "A commit has happened since. Please refresh and try again.")
		return
	}
	files := maps.Clone(c.files)
	for _, l := range lines[1:] {
		if err := h.apply(files, l); err != nil {
			q.bad(err.Error())
			return
		}
	}
	h.answerCommit(q, revision, c, Commit{Title: header.Summary, Message: header.Description, Author: q.account.User}, files)
}

func (h *Hub) answerCommit(q *call, revision string, onto *commit, made Commit, files map[string]file) {
	answer := map[string]any{"success": true, "hookOutput": ""}
	if q.r.URL.Query().Get("create_pr") != "" {
		p := q.repo.open(made.Title, made.Message, made.Author, revision, onto.ID)
		revision = p.ref()
		answer["pullRequestUrl"] = fmt.Sprintf("%s/datasets/%s/discussions/%d", h.URL, q.repo.id, p.number)
	}
	if _, ok := q.repo.refs[revision]; !ok {
		q.bad("Cannot commit to " + revision + ": it is no branch")
		return
	}
	id := q.repo.commit(revision, made, files)
	answer["commitOid"], answer["commitUrl"] = id, h.URL+"/datasets/"+q.repo.id+"/commit/"+id
	q.reply(http.StatusOK, answer)
}

// apply does what a line says to the files.
func (h *Hub) apply(files map[string]file, l line) error {
	v := l.Value
	if l.Key != "deletedFolder" {
		if why := invalid(v.Path); why != "" {
			return errors.New(why)
		}
	}
	switch l.Key {
	case "file":
		data := []byte(v.Content)
		if v.Encoding == "base64" {
			var err error
			if data, err = base64.StdEncoding.DecodeString(v.Content); err != nil {
				return fmt.Errorf("%s: %w", v.Path, err)
			}
		}
		if h.isLarge(v.Path, int64(len(data)), data[:min(512, len(data))]) {
			return fmt.Errorf("your push was rejected because it contains a binary or large file: %s. Use https://git-lfs.github.com", v.Path)
		}
		files[v.Path] = small(data)
	case "lfsFile":
		data, ok := h.objects[v.OID]
		if v.Algo != "sha256" || !ok {
			return fmt.Errorf("your push was rejected because an LFS pointer pointed to a file that does not exist: %s", v.Path)
		}
		files[v.Path] = large(v.OID, int64(len(data)))
	case "deletedFile":
		if _, ok := files[v.Path]; !ok {
			return fmt.Errorf("%s cannot be deleted: it does not exist", v.Path)
		}
		delete(files, v.Path)
	case "deletedFolder":
		folder := strings.TrimSuffix(v.Path, "/") + "/"
		maps.DeleteFunc(files, func(name string, _ file) bool { return strings.HasPrefix(name, folder) })
	default:
		return fmt.Errorf("%q is no operation", l.Key)
	}
	return nil
}
