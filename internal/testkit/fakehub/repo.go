package fakehub

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// began is when everything happened.
const began = "2026-01-01T00:00:00.000Z"

// repo is a dataset.
type repo struct {
	id      string
	private bool
	gated   bool
	granted []string // users who were let in
	refs    map[string]string
	commits map[string]*commit
	pulls   []pull
	made    int // commits, for their hashes
}

// commit is a revision: what all files were.
type commit struct {
	Commit
	files map[string]file
}

// Commit is what is told of a revision.
type Commit struct {
	ID, Parent, Title, Message, Author string
}

// file is a file of one revision. The bytes of a large one lie among the objects.
type file struct {
	oid  string // git's hash: of the bytes, or of the pointer
	sha  string // SHA-256 of a large one
	size int64
	data []byte // of a small one
}

func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

// blob is git's hash of a file.
func blob(data []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

func small(data []byte) file { return file{oid: blob(data), size: int64(len(data)), data: data} }

// pointerSize is how long a pointer to a large file is that has a size of nine digits or so; nobody looks closer.
const pointerSize = 134

func large(sha string, size int64) file {
	pointer := fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %d\n", sha, size)
	return file{oid: blob([]byte(pointer)), sha: sha, size: size}
}

// etag is what the real Hub gives: the hash of the bytes.
func (f file) etag() string {
	if f.sha != "" {
		return `"` + f.sha + `"`
	}
	return `"` + f.oid + `"`
}

// binary are the endings that a new dataset's .gitattributes gives to large file storage.
var binary = []string{
	".7z", ".arrow", ".avro", ".bin", ".bz2", ".ftz", ".gz", ".h5", ".joblib", ".lz4", ".mds", ".mlmodel", ".model", ".msgpack", ".npy",
	".npz", ".onnx", ".ot", ".parquet", ".pb", ".pickle", ".pkl", ".pt", ".pth", ".rar", ".safetensors", ".tar", ".tflite", ".tgz", ".wasm",
	".xz", ".zip", ".zst", ".wav", ".mp3", ".mp4", ".flac", ".ogg", ".bmp", ".gif", ".png", ".tiff", ".jpg", ".jpeg", ".webp", ".webm",
}

// isLarge is the rule of the real Hub as far as it is known: by ending, by size, or because it is no text.
func (h *Hub) isLarge(name string, size int64, sample []byte) bool {
	return size > 0 && (slices.Contains(binary, path.Ext(name)) || size > h.lfsAbove || bytes.IndexByte(sample, 0) >= 0)
}

// AddOption is how a dataset is added.
type AddOption func(*repo)

// Private hides a dataset from all but its owner and the owner's organisation.
func Private() AddOption { return func(r *repo) { r.private = true } }

// Gated lets nobody read files but the owner and these users; what it is and which files it has, everybody sees.
func Gated(users ...string) AddOption {
	return func(r *repo) { r.gated, r.granted = true, users }
}

// AddDataset adds a dataset, public unless said, and returns the id of its commit. It replaces one of the same name.
func (h *Hub) AddDataset(id string, files map[string][]byte, options ...AddOption) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.newRepo(id, "system")
	for _, o := range options {
		o(r)
	}
	return h.add(r, "main", files)
}

// AddCommit changes files of a dataset's branch (main, refs/convert/parquet…; a new one begins as main is) and returns the
// commit's id. A file that is nil goes. It panics if there is no such dataset.
func (h *Hub) AddCommit(id, ref string, files map[string][]byte) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.repos[id]
	if r.refs[ref] == "" {
		r.refs[ref] = r.refs["main"]
	}
	return h.add(r, ref, files)
}

// newRepo makes a dataset with its first commit, as the real Hub does.
func (h *Hub) newRepo(id, author string) *repo {
	r := &repo{id: id, refs: map[string]string{}, commits: map[string]*commit{}}
	h.repos[id] = r
	attributes := ""
	for _, ending := range binary {
		attributes += "*" + ending + " filter=lfs diff=lfs merge=lfs -text\n"
	}
	r.commit("main", Commit{Title: "initial commit", Author: author}, map[string]file{".gitattributes": small([]byte(attributes))})
	return r
}

func (h *Hub) add(r *repo, ref string, files map[string][]byte) string {
	next := maps.Clone(r.commits[r.refs[ref]].files)
	for _, name := range sorted(files) {
		data := files[name]
		switch {
		case data == nil:
			delete(next, name)
		case h.isLarge(name, int64(len(data)), data[:min(512, len(data))]):
			sum := sha256.Sum256(data)
			f := large(hex.EncodeToString(sum[:]), int64(len(data)))
			h.objects[f.sha], next[name] = data, f
		default:
			next[name] = small(data)
		}
	}
	return r.commit(ref, Commit{Title: "files of a test", Author: "system"}, next)
}

// commit makes a branch have these files, and returns the id.
func (r *repo) commit(ref string, c Commit, files map[string]file) string {
	r.made++
	c.Parent = r.refs[ref]
	parts := []string{r.id, fmt.Sprint(r.made), c.Parent, c.Title}
	for _, name := range sorted(files) {
		parts = append(parts, name, files[name].oid)
	}
	c.ID = digest(parts...)[:40]
	r.commits[c.ID] = &commit{Commit: c, files: files}
	r.refs[ref] = c.ID
	return c.ID
}

// at finds a revision: a branch, a ref or a commit, whose id may be cut to seven characters.
func (r *repo) at(revision string) *commit {
	if id, ok := r.refs[revision]; ok {
		return r.commits[id]
	}
	if c, ok := r.commits[revision]; ok {
		return c
	}
	if len(revision) >= 7 {
		for id, c := range r.commits {
			if strings.HasPrefix(id, revision) {
				return c
			}
		}
	}
	return nil
}

// Commits are those of a branch, the newest first; none if there is no such dataset or branch.
func (h *Hub) Commits(id, ref string) (all []Commit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.repos[id]
	if r == nil {
		return nil
	}
	return r.history(ref)
}

func (r *repo) history(ref string) (all []Commit) {
	for c := r.at(ref); c != nil; c = r.commits[c.Parent] {
		all = append(all, c.Commit)
	}
	return all
}

// Files are those of a revision; nil if there is none.
func (h *Hub) Files(id, revision string) map[string][]byte {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.repos[id]
	if r == nil {
		return nil
	}
	c := r.at(revision)
	if c == nil {
		return nil
	}
	all := map[string][]byte{}
	for name, f := range c.files {
		all[name] = h.bytes(f)
	}
	return all
}

// IsPrivate says whether a dataset exists and is private.
func (h *Hub) IsPrivate(id string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.repos[id] != nil && h.repos[id].private
}

func (h *Hub) bytes(f file) []byte {
	if f.sha != "" {
		return h.objects[f.sha]
	}
	return f.data
}

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
