package hub

import (
	"context"
	"fmt"
	"net/http"
)

// proposed looks for an open pull request of the same title that holds these files: one whose answer was lost, or of the same
// upload before.
func (c *Client) proposed(ctx context.Context, u *upload, files []File) (bool, error) {
	var answer struct {
		Discussions []struct {
			Number int    `json:"num"`
			Title  string `json:"title"`
			Status string `json:"status"`
			IsPull bool   `json:"isPullRequest"`
		} `json:"discussions"`
	}
	at := c.dataset(u.Repo, "discussions") + "?type=pull_request&status=open"
	if err := c.exchange(ctx, call{method: http.MethodGet, url: at, repo: u.Repo}, nil, &answer); err != nil {
		return false, err
	}
	for _, d := range answer.Discussions {
		if !d.IsPull || d.Title != u.Message || d.Status != "open" && d.Status != "draft" {
			continue
		}
		there, err := c.holds(ctx, u, fmt.Sprintf("refs/pr/%d", d.Number), files)
		if err != nil {
			return false, err
		}
		if there {
			u.result.PullRequest = fmt.Sprintf("%s/discussions/%d", c.Page(u.Repo), d.Number)
			u.result.URL, u.result.Changed = u.result.PullRequest, false
			return true, nil
		}
	}
	return false, nil
}

// holds reports whether another branch has all these files.
func (c *Client) holds(ctx context.Context, u *upload, branch string, files []File) (bool, error) {
	there := &upload{Upload: u.Upload, at: branch}
	there.PR = false
	all, err := c.preupload(ctx, there, files)
	if err != nil {
		return false, err
	}
	for _, p := range all {
		if !p.there && !p.ignored {
			return false, nil
		}
	}
	head, err := c.head(ctx, u.Repo, branch)
	if head != nil && len(all) > 0 {
		u.result.Commit = head.Commit
	}
	return true, err
}
