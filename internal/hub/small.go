package hub

import (
	"context"
	"io"
	"net/http"
)

// mostSmall bounds a file that is read whole into memory.
const mostSmall = 16 << 20

// ReadSmall reads a file of a commit, such as a README.md; one of more than 16 MiB is an error.
func (c *Client) ReadSmall(ctx context.Context, id, commit, path string) ([]byte, error) {
	at := c.Page("") + escaped(id) + "/resolve/" + escaped(commit) + "/" + escaped(path)
	res, err := c.do(ctx, call{method: http.MethodGet, url: at, repo: id})
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, mostSmall+1))
	if err == nil && len(b) > mostSmall {
		err = &Error{Repo: id, What: path + " is too large to be one"}
	}
	return b, err
}
