package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Content is an open file: read on from its beginning, or at any place.
type Content interface {
	io.Reader
	io.ReaderAt
	io.Closer
	Size() int64
}

// Open opens a file of a set. One that a cache holds is read from there. Else Read loads it as it goes, and goes on where
// a connection was cut; ReadAt asks for just those bytes. Nothing is asked for yet. ctx ends all of it.
func (c *Client) Open(ctx context.Context, s *Set, name string) (Content, error) {
	f, ok := s.Find(name)
	if !ok {
		return nil, missing(s, name)
	}
	if have := c.local(s, f); have != nil {
		return have, nil
	}
	if c.options.Offline {
		return nil, offline(call{repo: s.ID + ": " + name})
	}
	return &remote{client: c, ctx: ctx, set: s, file: f}, nil
}

// ReadFile returns a small file whole, and keeps it in the cache; one of more than most bytes is an error.
func (c *Client) ReadFile(ctx context.Context, s *Set, name string, most int64) ([]byte, error) {
	if f, ok := s.Find(name); ok && f.Size <= most {
		if err := c.Fetch(ctx, s, name); err != nil && !errors.Is(err, ErrCache) {
			return nil, err
		}
	}
	in, err := c.Open(ctx, s, name)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	if in.Size() > most {
		return nil, fmt.Errorf("%s of %s has %d bytes; at most %d are read", name, s.ID, in.Size(), most)
	}
	return io.ReadAll(in)
}

// remote is a file that lies on the Hub, or where the Hub sends us.
type remote struct {
	client *Client
	ctx    context.Context
	set    *Set
	file   Entry
	pos    int64         // of Read
	body   io.ReadCloser // of Read; nil: to be opened

	mu     sync.Mutex
	target string  // where the file really lies, once the Hub has said so
	whole  Content // the file, loaded once because its server knows no ranges
}

func (r *remote) Size() int64 { return r.file.Size }

func (r *remote) Close() error {
	var err error
	if r.body != nil {
		err = r.body.Close()
		r.body = nil
	}
	if r.whole != nil {
		err = errors.Join(err, r.whole.Close())
	}
	return err
}

// Read implements io.Reader. A connection that is cut is opened anew, unless nothing comes at all.
func (r *remote) Read(p []byte) (int, error) {
	var err error
	for range attempts {
		if r.pos == r.file.Size {
			return 0, io.EOF
		}
		if r.body == nil {
			if r.body, err = r.from(r.pos); err != nil {
				return 0, err
			}
		}
		n, failed := r.body.Read(p[:min(int64(len(p)), r.file.Size-r.pos)])
		r.pos += int64(n)
		if failed != nil {
			err = failed
			r.body.Close() // it failed already
			r.body = nil
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
		if err := r.ctx.Err(); err != nil {
			return 0, err
		}
	}
	return 0, r.broken(err)
}

// broken is the error of a file that ends before its end again and again.
func (r *remote) broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &Error{Repo: r.set.ID, What: fmt.Sprintf("%s of %s breaks off", r.file.Path, r.set.ID), cause: err}
}

// from opens the file at a place, up to its end.
func (r *remote) from(pos int64) (io.ReadCloser, error) {
	if pos == 0 {
		res, err := r.get("")
		if err != nil {
			return nil, err
		}
		return res.Body, nil
	}
	res, err := r.get(fmt.Sprintf("bytes=%d-", pos))
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusPartialContent { // its server knows no ranges: over what we have
		if _, err := io.CopyN(io.Discard, res.Body, pos); err != nil {
			res.Body.Close()
			return nil, r.broken(err)
		}
		return res.Body, nil
	}
	if err := r.matches(res, pos); err != nil {
		res.Body.Close()
		return nil, err
	}
	return res.Body, nil
}

// ReadAt implements io.ReaderAt.
func (r *remote) ReadAt(p []byte, off int64) (int, error) {
	short := false
	if off < 0 || off > r.file.Size {
		return 0, io.EOF
	}
	if rest := r.file.Size - off; int64(len(p)) > rest {
		p, short = p[:rest], true
	}
	r.mu.Lock()
	whole := r.whole
	r.mu.Unlock()
	n := 0
	var err error
	for tries := 0; n < len(p) && tries < attempts && whole == nil && err == nil; tries++ {
		var got int
		got, whole, err = r.part(p[n:], off+int64(n))
		if n += got; got > 0 {
			tries = 0
		}
	}
	if err == nil && whole != nil {
		n, err = whole.ReadAt(p, off)
	}
	switch {
	case err != nil && (n < len(p) || !errors.Is(err, io.EOF)):
		return n, err
	case n < len(p):
		return n, r.broken(io.ErrUnexpectedEOF)
	case short:
		return n, io.EOF
	}
	return n, nil
}

// part reads as much of a range as comes before the connection ends. If the server knows no ranges the whole file is loaded,
// once, and returned.
func (r *remote) part(p []byte, off int64) (int, Content, error) {
	res, err := r.get(fmt.Sprintf("bytes=%d-%d", off, off+int64(len(p))-1))
	if err != nil {
		return 0, nil, err
	}
	if res.StatusCode != http.StatusPartialContent && int64(len(p)) < r.file.Size {
		res.Body.Close()
		whole, err := r.loadWhole()
		return 0, whole, err
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusPartialContent {
		if err := r.matches(res, off); err != nil {
			return 0, nil, err
		}
	}
	n, err := io.ReadFull(res.Body, p)
	if r.ctx.Err() != nil {
		return n, nil, r.ctx.Err()
	}
	_ = err // a cut: what came is kept, and the rest asked for
	return n, nil, nil
}

// loadWhole loads the file once, where asking for parts brings all of it each time.
func (r *remote) loadWhole() (Content, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.whole != nil {
		return r.whole, nil
	}
	c := r.client
	if c.options.Own == "" {
		return nil, &Error{Repo: r.set.ID, What: fmt.Sprintf("%s of %s cannot be read in parts: its server ignores ranges", r.file.Path, r.set.ID),
			Advice: "download the file and give it under `path`"}
	}
	c.tell("the server of %s ignores ranges; the whole file of %d MB is loaded into %s", r.set.ID, (r.file.Size+999_999)/1_000_000, c.options.Own)
	if err := c.Fetch(r.ctx, r.set, r.file.Path); err != nil {
		return nil, err
	}
	if r.whole = c.local(r.set, r.file); r.whole == nil {
		return nil, fmt.Errorf("%s of %s is gone from the cache", r.file.Path, r.set.ID)
	}
	return r.whole, nil
}

// get asks for the file, or a range of it, where it lies. An address that the Hub gave serves until it is refused.
func (r *remote) get(span string) (*http.Response, error) {
	header := http.Header{"Accept-Encoding": {"identity"}}
	if span != "" {
		header.Set("Range", span)
	}
	q := call{method: "GET", url: r.at(), header: header, repo: r.set.ID}
	res, err := r.client.do(r.ctx, q)
	var refused *Error
	if q.url != r.home() && errors.As(err, &refused) && refused.Lasting() {
		r.point("") // the address has run out
		q.url = r.home()
		res, err = r.client.do(r.ctx, q)
	}
	if err != nil {
		return nil, err
	}
	r.point(res.Request.URL.String())
	if total := res.ContentLength; res.StatusCode == http.StatusOK && total >= 0 && total != r.file.Size {
		res.Body.Close()
		return nil, fmt.Errorf("%s of %s has %d bytes, but the Hub lists %d", r.file.Path, r.set.ID, total, r.file.Size)
	}
	return res, nil
}

// home is the address under which the Hub has the file.
func (r *remote) home() string {
	return r.client.options.Endpoint + "/datasets/" + escaped(r.set.ID) + "/resolve/" + r.set.Commit + "/" + escaped(r.file.Path)
}

func (r *remote) at() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.target != "" {
		return r.target
	}
	return r.home()
}

func (r *remote) point(target string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.target = target
}

// matches makes sure that a part is the one that was asked for.
func (r *remote) matches(res *http.Response, pos int64) error {
	var first, last, total int64
	span := res.Header.Get("Content-Range")
	if _, err := fmt.Sscanf(span, "bytes %d-%d/%d", &first, &last, &total); err == nil && first == pos && total == r.file.Size {
		return nil
	}
	return &Error{Repo: r.set.ID, What: fmt.Sprintf("%s of %s: the server answered with another part (%q) than was asked for, from byte %d of %d on",
		r.file.Path, r.set.ID, plainText(span), pos, r.file.Size)}
}
