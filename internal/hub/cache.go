package hub

import (
	"context"
	"crypto/sha1" // the ids of git are made with it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Two caches are looked at. That of the Python library is only read:
//
//	datasets--ORG--NAME/refs/REVISION        a commit
//	datasets--ORG--NAME/snapshots/COMMIT/…   links to ../../blobs/HASH
//
// Ours holds what was asked for: datasets--ORG--NAME/COMMIT.json lists the files, refs/REVISION holds a commit, and
// blobs/HASH the files that were wanted whole; blobs/HASH.part is one on its way. All of it may be deleted at any time.

func folderOf(id string) string { return "datasets--" + strings.ReplaceAll(id, "/", "--") }

// own is a place in our cache; "" if there is none.
func (c *Client) own(id string, names ...string) string {
	if c.options.Own == "" {
		return ""
	}
	return filepath.Join(append([]string{c.options.Own, folderOf(id)}, names...)...)
}

// theirs is a place in the Python library's cache; "" if there is none.
func (c *Client) theirs(id string, names ...string) string {
	if c.options.Cache == "" {
		return ""
	}
	return filepath.Join(append([]string{c.options.Cache, folderOf(id)}, names...)...)
}

// listed finds a Set in the caches: of a commit, and offline of any revision.
func (c *Client) listed(id, revision string) (*Set, bool) {
	commit := revision
	if !IsCommit(revision) {
		if !c.options.Offline {
			return nil, false
		}
		if commit = c.ref(id, revision); commit == "" {
			return nil, false
		}
	}
	if text, err := os.ReadFile(c.own(id, commit+".json")); err == nil {
		var s Set
		if json.Unmarshal(text, &s) == nil && s.Commit == commit && CheckID(s.ID) == nil && s.sound() {
			return &s, true
		}
	}
	if !c.options.Offline {
		return nil, false // a snapshot may hold some of the files only
	}
	return c.snapshot(id, commit)
}

// sound makes sure that a listing is one that this package wrote.
func (s *Set) sound() bool {
	for i, f := range s.Files {
		if !safe(f.Path) || !hashPattern.MatchString(f.Hash) || f.Size < 0 || i > 0 && s.Files[i-1].Path >= f.Path {
			return false
		}
	}
	return true
}

// ref is the commit that a revision last was, "" if no cache knows.
func (c *Client) ref(id, revision string) string {
	names := []string{c.own(id, "refs", url.PathEscape(revision))}
	if safe(revision) {
		names = append(names, c.theirs(id, "refs", filepath.FromSlash(revision)))
	}
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil && IsCommit(strings.TrimSpace(string(text))) {
			return strings.TrimSpace(string(text))
		}
	}
	return ""
}

// snapshot lists what the Python library has of a commit.
func (c *Client) snapshot(id, commit string) (*Set, bool) {
	root := c.theirs(id, "snapshots", commit)
	s := &Set{ID: id, Commit: commit}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := os.Stat(name)
		if err != nil || !info.Mode().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		hash := ""
		if target, err := os.Readlink(name); err == nil {
			hash = filepath.Base(target)
		}
		if !hashPattern.MatchString(hash) {
			hash = strings.Repeat("0", 40) // a copy, as on Windows: the commit says what is in it
		}
		s.add(filepath.ToSlash(rel), info.Size(), hash)
		return nil
	})
	slices.SortFunc(s.Files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	return s, root != "" && err == nil && len(s.Files) > 0
}

// keepListing remembers a listing. Without it the Hub is asked once more, so that a failure matters to nobody.
func (c *Client) keepListing(id, revision string, s *Set) {
	text, err := json.Marshal(s)
	if err != nil || c.options.Own == "" {
		return
	}
	for _, name := range slices.Compact([]string{id, s.ID}) {
		_ = replace(c.own(name, s.Commit+".json"), text)
		if !IsCommit(revision) {
			_ = replace(c.own(name, "refs", url.PathEscape(revision)), []byte(s.Commit))
		}
	}
}

// replace writes a small file in one step. It is for this user alone: a set may be private.
func replace(name string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "new-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(text)
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// local opens a file that a cache holds whole; nil if none does.
func (c *Client) local(s *Set, f Entry) Content {
	var names []string
	if root := c.theirs(s.ID, "snapshots", s.Commit, filepath.FromSlash(f.Path)); root != "" {
		names = append(names, root)
	}
	if own := c.own(s.ID, "blobs", f.Hash); own != "" {
		names = append(names, own)
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && info.Size() == f.Size {
			return &onDisk{file, f.Size}
		}
		file.Close()
	}
	return nil
}

// onDisk is a file in a cache.
type onDisk struct {
	*os.File
	size int64
}

func (o *onDisk) Size() int64 { return o.size }

// Fetch brings a whole file into the cache, where Open finds it. It goes on where an earlier one was killed. Without a
// cache it does nothing. ErrCache is among the errors.
func (c *Client) Fetch(ctx context.Context, s *Set, name string) error {
	f, ok := s.Find(name)
	if !ok {
		return missing(s, name)
	}
	if c.options.Own == "" {
		return nil
	}
	if have := c.local(s, f); have != nil {
		return have.Close()
	}
	if c.options.Offline {
		return offline(call{repo: s.ID + ": " + name})
	}
	err := c.fetch(ctx, s, f)
	if errors.Is(err, errContent) { // what an earlier run left was not a beginning of the file
		err = c.fetch(ctx, s, f)
	}
	var atPath *fs.PathError
	if errors.As(err, &atPath) {
		err = fmt.Errorf("%w: %w", ErrCache, err)
	}
	return err
}

// ErrCache: a file cannot be kept in the cache. It can still be read as it comes.
var ErrCache = errors.New("the cache cannot be written")

// errContent: a file is not what its name says.
var errContent = errors.New("its content is not what the Hub lists")

// fetch loads a file behind what is there of it already. Two processes that do so at once write the same bytes to the
// same places.
func (c *Client) fetch(ctx context.Context, s *Set, f Entry) (err error) {
	whole := c.own(s.ID, "blobs", f.Hash)
	if err := os.MkdirAll(filepath.Dir(whole), 0o700); err != nil {
		return err
	}
	part, err := os.OpenFile(whole+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer part.Close() // which is done before it is renamed or removed: Windows does neither to an open file
	if info, err := part.Stat(); err == nil && info.Size() > f.Size {
		if err := part.Truncate(f.Size); err != nil {
			return err
		}
	}
	sum := f.hash()
	done, err := io.Copy(sum, part)
	if err != nil {
		return err
	}
	from := &remote{client: c, ctx: ctx, set: s, file: f, pos: done}
	defer from.Close()
	if _, err := io.Copy(io.MultiWriter(io.NewOffsetWriter(part, done), sum), from); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.Hash {
		return errors.Join(fmt.Errorf("%s of %s: %w", f.Path, s.ID, errContent), part.Close(), os.Remove(part.Name()))
	}
	if err := errors.Join(part.Sync(), part.Close()); err != nil { // Open trusts the size of what has its name
		return err
	}
	if err := os.Rename(part.Name(), whole); !errors.Is(err, fs.ErrNotExist) { // else another process has just done so
		return err
	}
	return nil
}

// hash starts the hash that names a file.
func (f Entry) hash() hash.Hash {
	if len(f.Hash) == 2*sha256.Size {
		return sha256.New()
	}
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", f.Size)
	return h
}

func missing(s *Set, name string) error {
	return &Error{Code: "EntryNotFound", Status: 404, Repo: s.ID, What: fmt.Sprintf("%s has no file %q", s.ID, name)}
}
