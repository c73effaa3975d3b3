package hub

import (
	"context"
	"net/http"
	"strconv"
)

// slice is a part of an object and where it goes.
type slice struct {
	href       string
	from, size int64
}

// slices reads where the parts of an object go: chunk_size bytes each, the last with what is left. ok is false where an action
// does not name one place for each.
func (a action) slices(size int64) (all []slice, ok bool) {
	chunk, err := strconv.ParseInt(a.Header["chunk_size"], 10, 64)
	if err != nil || chunk <= 0 || size <= 0 {
		return nil, false
	}
	places := map[int64]string{}
	for name, href := range a.Header {
		if n, err := strconv.ParseInt(name, 10, 64); err == nil { // 1 or 00001
			places[n] = href
		}
	}
	if int64(len(places)) != (size+chunk-1)/chunk {
		return nil, false
	}
	for n := range int64(len(places)) {
		href := places[n+1]
		all = append(all, slice{href, n * chunk, min(chunk, size-n*chunk)})
		ok = href != ""
		if !ok {
			return nil, false
		}
	}
	return all, true
}

// sendParts sends an object in parts, some at a time, and has the Hub put them together.
func (c *Client) sendParts(ctx context.Context, u *upload, p planned, to action) error {
	parts, ok := to.slices(p.Size)
	if !ok {
		return &Error{Repo: u.Repo, What: "the Hub does not say where each part goes"}
	}
	type part struct {
		Number int    `json:"partNumber"`
		ETag   string `json:"etag"`
	}
	done := make([]part, len(parts))
	err := each(ctx, together, len(parts), func(ctx context.Context, i int) error {
		s := parts[i]
		header, err := c.put(ctx, u, s.href, nil, p.File, s.from, s.size)
		if err != nil {
			return err
		}
		if done[i] = (part{i + 1, header.Get("ETag")}); done[i].ETag == "" {
			return &Error{Repo: u.Repo, What: "the storage of the Hub did not confirm a part"}
		}
		return nil
	})
	if err != nil {
		return err
	}
	whole := struct {
		OID   string `json:"oid"`
		Parts []part `json:"parts"`
	}{p.oid, done}
	return c.exchange(ctx, call{method: http.MethodPost, url: to.Href, header: lfsHeader()}, whole, nil)
}
