package hub

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
)

// commit makes the commit. Where it is not sure whether there is one now, the error says so.
func (c *Client) commit(ctx context.Context, u *upload, head *Head, files []planned) error {
	body, err := newCommitBody(u, head, files)
	if err != nil {
		return err
	}
	var made struct {
		Commit      string `json:"commitOid"`
		PullRequest string `json:"pullRequestUrl"`
	}
	q := call{
		method: http.MethodPost, url: c.dataset(u.Repo, "commit", u.at) + u.query(), repo: u.Repo, once: true,
		header: http.Header{"Content-Type": {"application/x-ndjson"}}, size: body.size, body: body.open,
	}
	err = c.exchange(ctx, q, nil, &made)
	var refused *Error
	if errors.As(err, &refused) {
		switch s := refused.Status; {
		case refused.local:
			return err
		case s == http.StatusConflict, s == http.StatusPreconditionFailed:
			return unsureError{error: err}
		case s >= 500, s == 0:
			return unsureError{error: err, lost: true}
		}
		return c.writing(err, u.Repo)
	}
	if err != nil {
		return err
	}
	// What the Hub names is looked at before it is told: it is to be a commit, and a page of this dataset.
	if u.result.Commit = made.Commit; !IsCommit(made.Commit) {
		u.result.Commit = ""
	}
	if u.PR {
		u.result.PullRequest = c.discussion(u.Repo, made.PullRequest)
		u.result.URL = u.result.PullRequest
	}
	return nil
}

var discussionNumber = regexp.MustCompile(`/discussions/(\d{1,9})$`)

// discussion is the page of a pull request: the one of that number where an address names one, else all of them.
func (c *Client) discussion(id, named string) string {
	all := c.Page(id) + "/discussions"
	if found := discussionNumber.FindStringSubmatch(named); found != nil {
		return all + "/" + found[1]
	}
	return all
}

// commitBody is the body of a commit: lines of JSON. Files are read as it is sent.
type commitBody struct {
	pieces []piece
	size   int64
}

// piece is text, or a file in base64.
type piece struct {
	text []byte
	file *File
}

func (b *commitBody) text(text []byte) {
	b.pieces = append(b.pieces, piece{text: text})
	b.size += int64(len(text))
}

func (b *commitBody) line(key string, value any) error {
	text, err := json.Marshal(map[string]any{"key": key, "value": value})
	b.text(append(text, '\n'))
	return err
}

func newCommitBody(u *upload, head *Head, files []planned) (*commitBody, error) {
	b := &commitBody{}
	err := b.line("header", map[string]string{"summary": u.Message, "description": u.Description, "parentCommit": head.Commit})
	for _, name := range u.result.Removed {
		err = errors.Join(err, b.line("deletedFile", map[string]string{"path": name}))
	}
	for _, p := range files {
		if p.large {
			err = errors.Join(err, b.line("lfsFile", map[string]any{"path": p.Path, "algo": "sha256", "oid": p.oid, "size": p.Size}))
			continue
		}
		err = errors.Join(err, b.file(p.File))
	}
	return b, err
}

// file is a line that holds a file.
func (b *commitBody) file(f File) error {
	name, err := json.Marshal(f.Path)
	b.text([]byte(`{"key":"file","value":{"encoding":"base64","path":` + string(name) + `,"content":"`))
	b.pieces = append(b.pieces, piece{file: &f})
	b.size += (f.Size + 2) / 3 * 4
	b.text([]byte("\"}}\n"))
	return err
}

// open is the body from its beginning.
func (b *commitBody) open() (io.ReadCloser, error) {
	r, w := io.Pipe()
	go func() {
		for _, p := range b.pieces {
			if err := p.writeTo(w); err != nil {
				w.CloseWithError(err)
				return
			}
		}
		w.Close()
	}()
	return r, nil
}

func (p piece) writeTo(w io.Writer) error {
	if p.file == nil {
		_, err := w.Write(p.text)
		return err
	}
	s, err := p.file.Open()
	if err != nil {
		return unreadable(p.file.Path, err)
	}
	defer s.Close()
	e := base64.NewEncoder(base64.StdEncoding, w)
	if _, err := io.CopyBuffer(e, io.NewSectionReader(s, 0, p.file.Size), make([]byte, 48<<10)); err != nil {
		return unreadable(p.file.Path, err) // or the Hub hung up, and then nobody hears of it
	}
	return e.Close()
}
