package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// mostReply bounds what is read of an answer in JSON.
const mostReply = 64 << 20

// exchange sends in as JSON, unless it is nil, and reads the answer into out, unless that is nil.
func (c *Client) exchange(ctx context.Context, q call, in, out any) error {
	if in != nil {
		body, err := json.Marshal(in)
		if err != nil {
			return err
		}
		q.size = int64(len(body))
		q.body = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		if q.header == nil {
			q.header = http.Header{"Content-Type": {"application/json"}}
		}
	}
	res, err := c.do(ctx, q)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return c.decode(ctx, q, res, out)
}

// decode reads the answer to a call as JSON into out; nil: it is read and forgotten.
func (c *Client) decode(ctx context.Context, q call, res *http.Response, out any) (err error) {
	if out == nil {
		_, err = io.Copy(io.Discard, io.LimitReader(res.Body, mostReply)) // so that the connection can serve again
	} else {
		err = json.NewDecoder(io.LimitReader(res.Body, mostReply)).Decode(out)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &Error{Repo: q.repo, What: fmt.Sprintf("what %s answered cannot be read", res.Request.URL.Host), cause: err,
			Advice: "is HF_ENDPOINT right?"}
	}
	return nil
}
