package hub

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
)

// lfsMedia is the type of all that is said about Large File Storage.
const lfsMedia = "application/vnd.git-lfs+json"

func lfsHeader() http.Header { return http.Header{"Accept": {lfsMedia}, "Content-Type": {lfsMedia}} }

// object is a large file as the Hub knows it.
type object struct {
	OID  string `json:"oid"`
	Size int64  `json:"size"`
}

// action is something to be done for an object.
type action struct {
	Href   string            `json:"href"`
	Header map[string]string `json:"header"`
}

// transfer is what the Hub wants done for an object; no action where it has it.
type transfer struct {
	object
	Actions struct {
		Upload, Verify *action
	} `json:"actions"`
	Error *struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// sendObjects sends the large ones among the files that the Hub does not have.
func (c *Client) sendObjects(ctx context.Context, u *upload, files []planned) error {
	var objects []planned // each once
	met := map[string]bool{}
	u.Progress.Sent.Store(0)
	u.Progress.ToSend.Store(0)
	for _, p := range files {
		if p.large && !met[p.oid] {
			met[p.oid] = true
			objects = append(objects, p)
			u.Progress.ToSend.Add(p.Size)
		}
	}
	for from := 0; from < len(objects); from += batch {
		some := objects[from:min(from+batch, len(objects))]
		wanted, err := c.lfsBatch(ctx, u, some)
		if err != nil {
			return err
		}
		var sent atomic.Int64
		err = each(ctx, together, len(some), func(ctx context.Context, i int) error {
			n, err := c.sendObject(ctx, u, some[i], wanted[i])
			sent.Add(n)
			return err
		})
		u.result.Bytes += sent.Load()
		if err != nil {
			return err
		}
		for i, p := range some {
			if wanted[i].Actions.Upload == nil {
				u.mark(StateKnown, files, p.oid)
			}
		}
	}
	return nil
}

// lfsBatch asks what is to be done for objects, and answers in their order.
func (c *Client) lfsBatch(ctx context.Context, u *upload, objects []planned) ([]transfer, error) {
	asked := map[string]any{
		"operation": "upload", "transfers": []string{"basic", "multipart"}, "hash_algo": "sha256", "ref": map[string]string{"name": u.at},
	}
	list := make([]object, len(objects))
	for i, p := range objects {
		list[i] = object{p.oid, p.Size}
	}
	asked["objects"] = list
	var answer struct {
		Objects []transfer `json:"objects"`
	}
	at := c.Page("") + escaped(u.Repo) + ".git/info/lfs/objects/batch"
	if err := c.exchange(ctx, call{method: http.MethodPost, url: at, header: lfsHeader(), repo: u.Repo}, asked, &answer); err != nil {
		return nil, c.writing(err, u.Repo)
	}
	told := map[string]transfer{}
	for _, t := range answer.Objects {
		told[t.OID] = t
	}
	all := make([]transfer, len(objects))
	for i, p := range objects {
		t, ok := told[p.oid]
		switch {
		case !ok:
			return nil, &Error{Repo: u.Repo, What: "the Hub does not say where the bytes of " + p.Path + " go"}
		case t.Error != nil:
			return nil, &Error{Status: t.Error.Code, Repo: u.Repo, What: fmt.Sprintf("the Hub does not take %s: %s", p.Path, c.words(t.Error.Message))}
		}
		all[i] = t
	}
	return all, nil
}

// sendObject sends one object, and returns how many bytes that took. Links run out, and then it asks for new ones.
func (c *Client) sendObject(ctx context.Context, u *upload, p planned, t transfer) (bytes int64, err error) {
	for n := 1; ; n++ {
		if t.Actions.Upload == nil {
			u.Progress.ToSend.Add(-p.Size)
			return 0, nil
		}
		err = c.transfer(ctx, u, p, *t.Actions.Upload)
		if err == nil {
			break
		}
		if !expired(err) || n == tries {
			return 0, fmt.Errorf("%s: %w", p.Path, err)
		}
		again, err := c.lfsBatch(ctx, u, []planned{p})
		if err != nil {
			return 0, err
		}
		t = again[0]
	}
	if v := t.Actions.Verify; v != nil {
		q := call{method: http.MethodPost, url: v.Href, header: v.headers(lfsHeader())}
		if err := c.exchange(ctx, q, object{p.oid, p.Size}, nil); err != nil {
			return p.Size, fmt.Errorf("the Hub did not take %s: %w", p.Path, err)
		}
	}
	return p.Size, c.unchanged(p)
}

// unchanged looks whether the file is still what was hashed: storage need not check that.
func (c *Client) unchanged(p planned) error {
	s, err := p.Open()
	if err != nil {
		return err
	}
	return s.Close()
}

func expired(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Status == http.StatusForbidden
}

// transfer sends the bytes of an object, whole or in parts.
func (c *Client) transfer(ctx context.Context, u *upload, p planned, to action) error {
	if to.Header["chunk_size"] != "" {
		return c.sendParts(ctx, u, p, to)
	}
	_, err := c.put(ctx, u, to.Href, to.headers(http.Header{}), p.File, 0, p.Size)
	return err
}

// put sends a part of a file and returns the header of the answer.
func (c *Client) put(ctx context.Context, u *upload, at string, header http.Header, f File, from, size int64) (http.Header, error) {
	select {
	case u.slots <- struct{}{}:
		defer func() { <-u.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	taken := int64(0) // of the count, to be given back if this fails
	told := func(n int64) { atomic.AddInt64(&taken, n); u.sent(n) }
	res, err := c.do(ctx, call{method: http.MethodPut, url: at, header: header, size: size, body: f.section(from, size, told)})
	if err != nil {
		u.sent(-atomic.LoadInt64(&taken))
		return nil, err
	}
	return res.Header, res.Body.Close()
}

// headers are those of an action beside others. A token is none of them: who may see it is known without.
func (a action) headers(h http.Header) http.Header {
	for name, value := range a.Header {
		if !strings.EqualFold(name, "Authorization") && !strings.EqualFold(name, "Content-Length") {
			h.Set(name, value)
		}
	}
	return h
}
