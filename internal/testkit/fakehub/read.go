package fakehub

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"
)

// api serves /api/datasets/ORG/NAME and what is below.
func (h *Hub) api(q *call) {
	what := "revision"
	if len(q.parts) > 3 {
		what = q.parts[3]
	}
	switch q.r.Method + " " + what {
	case "GET revision":
		h.info(q)
	case "GET tree":
		h.tree(q)
	case "POST paths-info":
		h.pathsInfo(q)
	case "GET refs":
		h.refs(q)
	case "GET commits":
		h.commits(q)
	case "GET auth-check":
		if h.admitted(q) {
			q.reply(http.StatusOK, map[string]any{})
		}
	case "POST preupload":
		h.preupload(q)
	case "POST commit":
		h.commit(q)
	case "POST discussions", "GET discussions":
		h.discussions(q)
	default:
		q.fail(http.StatusNotFound, "", "Sorry, we can't find the page you are looking for.")
	}
}

// info is what a dataset is, at a revision.
func (h *Hub) info(q *call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	revision, _ := q.revision(min(4, len(q.parts)))
	c := q.at(revision)
	if c == nil {
		return
	}
	siblings := []map[string]any{}
	for _, name := range sorted(c.files) {
		f := c.files[name]
		s := map[string]any{"rfilename": name}
		if q.r.URL.Query().Get("blobs") != "" {
			s["size"], s["blobId"] = f.size, f.oid
			if f.sha != "" {
				s["lfs"] = map[string]any{"sha256": f.sha, "size": f.size, "pointerSize": pointerSize}
			}
		}
		siblings = append(siblings, s)
	}
	var gated any = false
	if q.repo.gated {
		gated = "auto"
	}
	owner, _, _ := strings.Cut(q.repo.id, "/")
	q.reply(http.StatusOK, map[string]any{
		"_id": digest("dataset", q.repo.id)[:24], "id": q.repo.id, "author": owner, "sha": c.ID, "lastModified": began, "createdAt": began,
		"private": q.repo.private, "gated": gated, "disabled": false, "downloads": 0, "likes": 0, "tags": []string{}, "siblings": siblings,
		"usedStorage": 0,
	})
}

// entry is a file or folder of a listing.
func entry(name string, f *file) map[string]any {
	if f == nil {
		return map[string]any{"type": "directory", "oid": digest("tree", name)[:40], "size": 0, "path": name}
	}
	e := map[string]any{"type": "file", "oid": f.oid, "size": f.size, "path": name}
	if f.sha != "" {
		e["lfs"] = map[string]any{"oid": f.sha, "size": f.size, "pointerSize": pointerSize}
	}
	return e
}

// list is what lies in a folder ("" for all), sorted by path; folders are among it. It is nil if there is no such folder.
func (c *commit) list(folder string, recursive bool) (all []map[string]any) {
	seen := map[string]bool{}
	for _, name := range sorted(c.files) {
		rest := name
		if folder != "" {
			var inside bool
			if rest, inside = strings.CutPrefix(name, folder+"/"); !inside {
				continue
			}
		}
		deep := strings.Split(rest, "/")
		for i := 1; i < len(deep); i++ {
			parent := path.Join(folder, path.Join(deep[:i]...))
			if !seen[parent] && (recursive || i == 1) {
				seen[parent] = true
				all = append(all, entry(parent, nil))
			}
		}
		if f := c.files[name]; recursive || len(deep) == 1 {
			all = append(all, entry(name, &f))
		}
	}
	slices.SortStableFunc(all, func(a, b map[string]any) int { return strings.Compare(a["path"].(string), b["path"].(string)) })
	return all
}

// expand adds what a listing tells on request.
func (c *commit) expand(all []map[string]any) {
	for _, e := range all {
		e["lastCommit"] = map[string]any{"id": c.ID, "title": c.Title, "date": began}
	}
}

// tree is a page of a listing. Where it goes on, a Link says, whose cursor means nothing to others.
func (h *Hub) tree(q *call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	revision, rest := q.revision(4)
	c := q.at(revision)
	if c == nil {
		return
	}
	folder := strings.Trim(strings.Join(rest, "/"), "/")
	query := q.r.URL.Query()
	all := c.list(folder, strings.EqualFold(query.Get("recursive"), "true") || query.Get("recursive") == "1")
	if len(all) == 0 && folder != "" {
		q.fail(http.StatusNotFound, "EntryNotFound", folder+" does not exist on \""+revision+"\"")
		return
	}
	size := h.pageSize
	expand := strings.EqualFold(query.Get("expand"), "true") || query.Get("expand") == "1"
	if expand {
		size = min(size, 50)
		c.expand(all)
	}
	start := 0
	if cursor, err := base64.URLEncoding.DecodeString(query.Get("cursor")); err != nil {
		q.bad("Invalid cursor")
		return
	} else if len(cursor) > 0 {
		start = slices.IndexFunc(all, func(e map[string]any) bool { return e["path"].(string) > string(cursor) })
		if start < 0 {
			start = len(all)
		}
	}
	page := all[start:min(len(all), start+size)]
	if start+size < len(all) {
		query.Set("cursor", base64.URLEncoding.EncodeToString([]byte(page[len(page)-1]["path"].(string))))
		q.w.Header().Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, h.URL, q.r.URL.EscapedPath(), query.Encode()))
	}
	if page == nil {
		page = []map[string]any{}
	}
	q.reply(http.StatusOK, page)
}

// pathsInfo tells of the paths that are asked for; those that do not exist are left out.
func (h *Hub) pathsInfo(q *call) {
	var asked struct {
		Paths  []string
		Expand bool
	}
	if strings.HasPrefix(q.r.Header.Get("Content-Type"), "application/json") {
		if !q.decode(&asked) {
			return
		}
	} else {
		if err := q.r.ParseForm(); err != nil {
			q.bad(err.Error())
			return
		}
		asked.Paths, asked.Expand = q.r.PostForm["paths"], strings.EqualFold(q.r.PostForm.Get("expand"), "true")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	revision, _ := q.revision(4)
	c := q.at(revision)
	if c == nil {
		return
	}
	found := []map[string]any{}
	for _, name := range asked.Paths {
		if f, ok := c.files[name]; ok {
			found = append(found, entry(name, &f))
		} else if len(c.list(name, false)) > 0 {
			found = append(found, entry(name, nil))
		}
	}
	if asked.Expand {
		c.expand(found)
	}
	q.reply(http.StatusOK, found)
}

func (h *Hub) refs(q *call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string][]map[string]string{"branches": {}, "converts": {}, "tags": {}, "pullRequests": {}}
	for _, ref := range sorted(q.repo.refs) {
		kind, name, full := "branches", ref, "refs/heads/"+ref
		if short, ok := strings.CutPrefix(ref, "refs/convert/"); ok {
			kind, name, full = "converts", short, ref
		} else if short, ok := strings.CutPrefix(ref, "refs/pr/"); ok {
			kind, name, full = "pullRequests", short, ref
		}
		all[kind] = append(all[kind], map[string]string{"name": name, "ref": full, "targetCommit": q.repo.refs[ref]})
	}
	if q.r.URL.Query().Get("include_prs") == "" {
		delete(all, "pullRequests")
	}
	q.reply(http.StatusOK, all)
}

func (h *Hub) commits(q *call) {
	h.mu.Lock()
	defer h.mu.Unlock()
	revision, _ := q.revision(4)
	c := q.at(revision)
	if c == nil {
		return
	}
	all := []map[string]any{}
	for _, c := range q.repo.history(c.ID) {
		all = append(all, map[string]any{
			"id": c.ID, "title": c.Title, "message": c.Message, "authors": []map[string]string{{"user": c.Author}}, "date": began,
		})
	}
	q.reply(http.StatusOK, all)
}

// admitted says whether files may be read, and has answered if not.
func (h *Hub) admitted(q *call) bool {
	h.mu.Lock()
	r := q.repo
	ok := !r.gated || q.account.belongs(r.id) || q.account != nil && slices.Contains(r.granted, q.account.User)
	h.mu.Unlock()
	if ok {
		return true
	}
	restricted := "Access to dataset " + r.id + " is restricted"
	if q.account == nil {
		q.fail(http.StatusUnauthorized, "GatedRepo", restricted+". You must have access to it and be authenticated to access it. Please log in.")
	} else {
		q.fail(http.StatusForbidden, "GatedRepo", restricted+" and you are not in the authorized list. Visit https://huggingface.co/datasets/"+r.id+" to ask for access.")
	}
	return false
}

// found is a file of a revision, whose commit it has put in the header; it has answered if not ok.
func (h *Hub) found(q *call) (f file, c *commit, name string, ok bool) {
	if q.r.Method != http.MethodGet && q.r.Method != http.MethodHead {
		q.fail(http.StatusMethodNotAllowed, "", "Method not allowed")
		return f, nil, "", false
	}
	if !h.admitted(q) {
		return f, nil, "", false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	revision, rest := q.revision(4)
	if c = q.at(revision); c == nil {
		return f, nil, "", false
	}
	q.w.Header().Set("X-Repo-Commit", c.ID)
	name = strings.Join(rest, "/")
	if f, ok = c.files[name]; !ok {
		q.fail(http.StatusNotFound, "EntryNotFound", "Entry not found")
	}
	return f, c, name, ok
}

// resolve is a file of a revision. It is never answered with the bytes: a large file lies on the other host, a small one
// behind a relative address that names the commit.
func (h *Hub) resolve(q *call) {
	f, c, name, ok := h.found(q)
	if !ok {
		return
	}
	header := q.w.Header()
	header.Set("Accept-Ranges", "bytes")
	header.Set("X-Linked-Size", fmt.Sprint(f.size))
	header.Set("X-Linked-Etag", f.etag())
	header.Set("Vary", "Origin, Accept")
	if f.sha != "" {
		header.Set("Location", h.link("/get/"+f.sha))
		header.Set("Content-Type", "text/plain; charset=utf-8")
		q.w.WriteHeader(http.StatusFound)
		_, _ = q.w.Write([]byte("Found. Redirecting to " + header.Get("Location")))
		return
	}
	escaped := make([]string, 0, 4)
	for p := range strings.SplitSeq(name, "/") {
		escaped = append(escaped, url.PathEscape(p))
	}
	header.Set("Location", "/api/resolve-cache/datasets/"+q.repo.id+"/"+c.ID+"/"+strings.Join(escaped, "/")+"?etag="+url.QueryEscape(f.etag()))
	q.w.WriteHeader(http.StatusTemporaryRedirect)
}

// cached is a small file, by commit.
func (h *Hub) cached(q *call) {
	f, _, name, ok := h.found(q)
	if !ok {
		return
	}
	if f.sha != "" {
		q.entryMissing(name)
		return
	}
	header := q.w.Header()
	header.Set("ETag", f.etag())
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("Content-Disposition", fmt.Sprintf("inline; filename*=UTF-8''%s; filename=%q;", url.PathEscape(path.Base(name)), path.Base(name)))
	http.ServeContent(q.w, q.r, "", time.Time{}, bytes.NewReader(f.data))
}
