package hub

import (
	"context"
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Set is a dataset at one commit.
type Set struct {
	ID     string  `json:"id"`     // ORG/NAME, as the Hub calls it now
	Commit string  `json:"commit"` // 40 hexadecimal digits
	Files  []Entry `json:"files"`  // sorted by path
}

// Entry is one file of a Set.
type Entry struct {
	Path string `json:"path"` // with slashes, relative, without . and ..
	Size int64  `json:"size"` // in bytes
	Hash string `json:"hash"` // SHA-256 of a large file (64 digits), the id that git gives a small one (40 digits)
}

// Find returns the file of that path.
func (s *Set) Find(name string) (Entry, bool) {
	i, ok := slices.BinarySearchFunc(s.Files, name, func(f Entry, name string) int { return strings.Compare(f.Path, name) })
	if !ok {
		return Entry{}, false
	}
	return s.Files[i], true
}

var (
	idPattern     = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?$`)
	commitPattern = regexp.MustCompile(`^[0-9a-f]{40}$`)
	hashPattern   = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
)

// CheckID says what is wrong with the name of a dataset.
func CheckID(id string) error {
	if len(id) <= 200 && idPattern.MatchString(id) && !strings.Contains(id, "..") && !strings.Contains(id, "--") {
		return nil
	}
	return fmt.Errorf("%q is not the name of a dataset on the Hub, such as allenai/ai2_arc", id)
}

// IsCommit reports whether a revision is a whole commit, which names the same files for ever.
func IsCommit(revision string) bool { return commitPattern.MatchString(revision) }

// Set resolves a revision (a branch, a tag or a commit) and lists the files. What was
// listed before is not asked for again: a commit by any process, a branch by this client. Offline, it is what the caches know.
func (c *Client) Set(ctx context.Context, id, revision string) (*Set, error) {
	if err := CheckID(id); err != nil {
		return nil, &Error{Repo: id, Status: 404, What: err.Error()}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.sets[id+"@"+revision]; ok {
		return s, nil
	}
	s, err := c.find(ctx, id, revision)
	if err == nil {
		c.sets[id+"@"+revision] = s
	}
	return s, err
}

func (c *Client) find(ctx context.Context, id, revision string) (*Set, error) {
	if s, ok := c.listed(id, revision); ok {
		return s, nil
	}
	if c.options.Offline {
		return nil, offline(call{repo: id})
	}
	s, err := c.ask(ctx, id, revision)
	if err != nil {
		return nil, err
	}
	c.keepListing(id, revision, s)
	return s, nil
}

// listingLimit is from how many files on the Hub may tell of some of them only.
const listingLimit = 50_000

// ask asks the Hub for a Set: one call, unless there are very many files.
func (c *Client) ask(ctx context.Context, id, revision string) (*Set, error) {
	var info struct {
		ID       string
		SHA      string
		Siblings []struct {
			Name   string `json:"rfilename"`
			Size   int64
			BlobID string `json:"blobId"`
			LFS    *struct {
				SHA256 string
				Size   int64
			}
		}
	}
	q := call{method: "GET", url: c.options.Endpoint + "/api/datasets/" + escaped(id) + "/revision/" + url.PathEscape(revision) + "?blobs=true", repo: id}
	if _, err := c.json(ctx, q, &info); err != nil {
		return nil, err
	}
	if !IsCommit(info.SHA) {
		return nil, &Error{Repo: id, What: fmt.Sprintf("the Hub at %s does not say which commit %s is at", c.endpoint.Host, id), Advice: "is HF_ENDPOINT right?"}
	}
	s := &Set{ID: info.ID, Commit: info.SHA}
	if CheckID(s.ID) != nil {
		s.ID = id
	}
	if !strings.EqualFold(s.ID, id) {
		c.tell("the dataset %s is now called %s", id, s.ID)
	}
	for _, f := range info.Siblings {
		if f.LFS != nil {
			f.Size, f.BlobID = f.LFS.Size, f.LFS.SHA256
		}
		s.add(f.Name, f.Size, f.BlobID)
	}
	if n := len(info.Siblings); n == 0 || n >= listingLimit || len(s.Files) == 0 {
		if err := c.tree(ctx, s); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(s.Files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return s, nil
}

// add keeps a file, unless its name could lead out of a folder or its content has no name.
func (s *Set) add(name string, size int64, hash string) {
	if safe(name) && size >= 0 && hashPattern.MatchString(hash) {
		s.Files = append(s.Files, Entry{Path: name, Size: size, Hash: hash})
	}
}

func safe(name string) bool {
	return name != "" && name != "." && name == path.Clean(name) && !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../") &&
		!strings.ContainsFunc(name, func(r rune) bool { return r == '\\' || r == ':' || unicode.IsControl(r) })
}

// tree lists the files page by page.
func (c *Client) tree(ctx context.Context, s *Set) error {
	s.Files = nil
	next := c.options.Endpoint + "/api/datasets/" + escaped(s.ID) + "/tree/" + s.Commit + "?recursive=true"
	for next != "" {
		var page []struct {
			Type, Path, OID string
			Size            int64
			LFS             *struct {
				OID  string
				Size int64
			}
		}
		link, err := c.json(ctx, call{method: "GET", url: next, repo: s.ID}, &page)
		if err != nil {
			return err
		}
		for _, f := range page {
			if f.LFS != nil {
				f.Size, f.OID = f.LFS.Size, f.LFS.OID
			}
			if f.Type == "file" {
				s.add(f.Path, f.Size, f.OID)
			}
		}
		if next = link; len(page) == 0 {
			return nil
		}
	}
	return nil
}

// json decodes the answer to a call and returns the address of the next page, "" if there is none.
func (c *Client) json(ctx context.Context, q call, into any) (next string, err error) {
	res, err := c.do(ctx, q)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if err := c.decode(ctx, q, res, into); err != nil {
		return "", err
	}
	for _, link := range res.Header.Values("Link") {
		if at, ok := nextLink(link); ok {
			u, err := res.Request.URL.Parse(at)
			if err != nil || !c.trusted(u) {
				return "", &Error{Repo: q.repo, What: "the next page of a listing lies on another host"}
			}
			return u.String(), nil
		}
	}
	return "", nil
}

var linkPattern = regexp.MustCompile(`<([^>]*)>[^,]*;\s*rel="?next"?`)

func nextLink(header string) (string, bool) {
	m := linkPattern.FindStringSubmatch(header)
	if m == nil {
		return "", false
	}
	return m[1], true
}
