package fakehub

import (
	"fmt"
	"net/http"
	"strconv"
)

// pull is a pull request.
type pull struct {
	number                     int
	title, text, author, ontop string
}

func (p pull) ref() string { return fmt.Sprintf("refs/pr/%d", p.number) }

// open makes a pull request whose branch is at a commit.
func (r *repo) open(title, text, author, ontop, at string) pull {
	p := pull{number: len(r.pulls) + 1, title: title, text: text, author: author, ontop: ontop}
	r.pulls = append(r.pulls, p)
	r.refs[p.ref()] = at
	return p
}

// discussions opens a pull request, or tells of one.
func (h *Hub) discussions(q *call) {
	if q.r.Method == http.MethodPost {
		h.openPull(q)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(q.parts) == 4 {
		all := []map[string]any{}
		for _, p := range q.repo.pulls {
			all = append(all, q.pull(p))
		}
		q.reply(http.StatusOK, map[string]any{"discussions": all, "count": len(all), "start": 0})
		return
	}
	n, err := strconv.Atoi(q.parts[4])
	if err != nil || n < 1 || n > len(q.repo.pulls) {
		q.fail(http.StatusNotFound, "", "Discussion not found")
		return
	}
	q.reply(http.StatusOK, q.pull(q.repo.pulls[n-1]))
}

func (q *call) pull(p pull) map[string]any {
	return map[string]any{
		"num": p.number, "title": p.title, "status": "open", "isPullRequest": true, "createdAt": began,
		"author": map[string]string{"name": p.author}, "repo": map[string]string{"name": q.repo.id, "type": "dataset"},
		"changes": map[string]any{"base": "refs/heads/" + p.ontop}, "filesWithConflicts": []string{}, "diff": "",
		"events": []map[string]any{{
			"id": digest("event", p.title)[:24], "type": "comment", "createdAt": began, "author": map[string]string{"name": p.author},
			"data": map[string]any{"edited": false, "hidden": false, "latest": map[string]string{"raw": p.text}},
		}},
	}
}

func (h *Hub) openPull(q *call) {
	var asked struct {
		Title       string `json:"title"`
		Description string `json:"description"`
		PullRequest bool   `json:"pullRequest"`
	}
	if q.account == nil {
		q.fail(http.StatusUnauthorized, "", "Invalid username or password.")
		return
	}
	if !q.decode(&asked) {
		return
	}
	if len(asked.Title) < 3 || !asked.PullRequest {
		q.bad("a title of three characters is needed; discussions that are no pull requests are not served here")
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	p := q.repo.open(asked.Title, asked.Description, q.account.User, "main", q.repo.refs["main"])
	q.reply(http.StatusOK, map[string]any{"num": p.number, "url": fmt.Sprintf("%s/datasets/%s/discussions/%d", h.URL, q.repo.id, p.number), "pullRequest": true})
}
