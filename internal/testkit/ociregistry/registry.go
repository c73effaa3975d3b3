// Package ociregistry is a registry from which a real Ollama pulls models, for tests: read-only, in memory or from files, with
// a speed and an end that a test can set.
//
// Ollama wants two things that a plain registry does not do. It sends ranged requests, and it follows a blob's redirect only
// to another host: a registry that answers 127.0.0.1 with the blob itself gets "no Location header in response". So blobs are
// redirected from 127.0.0.1 to localhost, on the same port.
package ociregistry

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Registry serves models. Add them before they are asked for.
type Registry struct {
	listener net.Listener
	http     *http.Server

	mu        sync.Mutex
	manifests map[string][]byte // by name:tag
	blobs     map[string]blob   // by digest
	sent      int64             // bytes of blobs
	budget    int64             // bytes until connections break; negative: no end
}

// blob is in memory or in a file.
type blob struct {
	data []byte
	path string
	size int64
}

// Start listens on a free port of 127.0.0.1.
func Start() (*Registry, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("registry: %w", err)
	}
	r := &Registry{listener: l, manifests: map[string][]byte{}, blobs: map[string]blob{}, budget: -1}
	r.http = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go r.http.Serve(l) // returns when Close has closed the listener
	return r, nil
}

// Close ends all connections.
func (r *Registry) Close() error {
	if err := r.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("registry: %w", err)
	}
	return nil
}

// Name is what a client calls the model of that name: an address of this registry. Its scheme says that it is not encrypted.
func (r *Registry) Name(model string) string {
	return "http://" + r.listener.Addr().String() + "/library/" + model
}

// Layer is one file of a model.
type Layer struct {
	Media string // such as application/vnd.ollama.image.model
	Data  []byte
	Path  string // in place of Data
}

// Kinds of layers.
const (
	Model    = "application/vnd.ollama.image.model"
	Template = "application/vnd.ollama.image.template"
	Params   = "application/vnd.ollama.image.params"
)

// descriptor is how a manifest names a blob.
type descriptor struct {
	Media  string `json:"mediaType"`
	Digest string `json:"digest"`
	Size   int64  `json:"size"`
}

// Add offers a model under name:tag. config is Ollama's own, such as {"model_format":"gguf"}.
func (r *Registry) Add(name string, config []byte, all ...Layer) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var manifest struct {
		Version int          `json:"schemaVersion"`
		Media   string       `json:"mediaType"`
		Config  descriptor   `json:"config"`
		Layers  []descriptor `json:"layers"`
	}
	manifest.Version, manifest.Media = 2, "application/vnd.docker.distribution.manifest.v2+json"
	var err error
	if manifest.Config, err = r.keep(Layer{Media: "application/vnd.docker.container.image.v1+json", Data: config}); err != nil {
		return err
	}
	for _, l := range all {
		d, err := r.keep(l)
		if err != nil {
			return err
		}
		manifest.Layers = append(manifest.Layers, d)
	}
	r.manifests[name], err = json.Marshal(manifest)
	return err
}

func (r *Registry) keep(l Layer) (descriptor, error) {
	b := blob{data: l.Data, path: l.Path, size: int64(len(l.Data))}
	sum := sha256.New()
	content, err := b.open()
	if err != nil {
		return descriptor{}, err
	}
	defer content.Close()
	if b.size, err = io.Copy(sum, content); err != nil {
		return descriptor{}, err
	}
	digest := "sha256:" + hex.EncodeToString(sum.Sum(nil))
	r.blobs[digest] = b
	return descriptor{l.Media, digest, b.size}, nil
}

type readSeekCloser interface {
	io.ReadSeeker
	io.Closer
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

func (b blob) open() (readSeekCloser, error) {
	if b.path != "" {
		return os.Open(b.path)
	}
	return inMemory{bytes.NewReader(b.data)}, nil
}

// BreakAfter lets so many more bytes of blobs out and then breaks every connection that asks for more; negative: no end.
func (r *Registry) BreakAfter(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.budget = n
}

// Sent is how many bytes of blobs have left so far.
func (r *Registry) Sent() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sent
}

// ServeHTTP answers GET and HEAD of /v2/library/NAME/manifests/TAG and …/blobs/DIGEST.
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	path, ok := strings.CutPrefix(q.URL.Path, "/v2/library/")
	if name, tag, is := strings.Cut(path, "/manifests/"); ok && is {
		r.manifest(w, name+":"+tag)
		return
	}
	_, digest, is := strings.Cut(path, "/blobs/")
	r.mu.Lock()
	b, there := r.blobs[digest]
	r.mu.Unlock()
	switch host, port, err := net.SplitHostPort(q.Host); {
	case !ok || !is || !there:
		http.Error(w, `{"errors":[{"code":"NAME_UNKNOWN"}]}`, http.StatusNotFound)
	case q.Method == http.MethodGet && err == nil && host == "127.0.0.1":
		w.Header().Set("Location", "http://localhost:"+port+q.URL.Path)
		w.WriteHeader(http.StatusTemporaryRedirect)
	default:
		r.send(w, q, b)
	}
}

func (r *Registry) manifest(w http.ResponseWriter, name string) {
	r.mu.Lock()
	body, ok := r.manifests[name]
	r.mu.Unlock()
	if !ok {
		http.Error(w, `{"errors":[{"code":"MANIFEST_UNKNOWN"}]}`, http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.docker.distribution.manifest.v2+json")
	_, _ = w.Write(body)
}

func (r *Registry) send(w http.ResponseWriter, q *http.Request, b blob) {
	content, err := b.open()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer content.Close()
	http.ServeContent(&metered{w, r}, q, "", time.Time{}, content)
}

// metered counts what leaves, and breaks the connection at the end of the budget.
type metered struct {
	http.ResponseWriter
	registry *Registry
}

func (m *metered) Write(p []byte) (int, error) {
	r := m.registry
	r.mu.Lock()
	n := len(p)
	if r.budget >= 0 {
		n = int(min(r.budget, int64(n)))
		r.budget -= int64(n)
	}
	r.sent += int64(n)
	r.mu.Unlock()
	n, err := m.ResponseWriter.Write(p[:n])
	if err == nil && n < len(p) {
		panic(http.ErrAbortHandler) // the only way to end a connection inside a body
	}
	return n, err
}
