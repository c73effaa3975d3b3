package fakehub

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// link is an address on the second host that is good until ExpireLinks.
func (h *Hub) link(path string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.CDN + path + "?X-Amz-Expires=3600&X-Amz-Signature=" + h.signature(path)
}

func (h *Hub) signature(path string) string { return digest(path, fmt.Sprint(h.epoch)) }

// refuse answers as an object store does.
func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message></Error>", code, message)
}

// cdn serves the second host: an object store that knows signatures, and no tokens.
func (h *Hub) cdn(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "" {
		h.mu.Lock()
		h.leaks = append(h.leaks, r.Method+" "+r.URL.Path)
		h.mu.Unlock()
		refuse(w, http.StatusBadRequest, "InvalidArgument", "Only one auth mechanism allowed; THE TOKEN WAS SENT TO ANOTHER HOST")
		return
	}
	h.mu.Lock()
	good := r.URL.Query().Get("X-Amz-Signature") == h.signature(r.URL.Path)
	h.mu.Unlock()
	if !good {
		refuse(w, http.StatusForbidden, "AccessDenied", "Request has expired")
		return
	}
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	switch {
	case parts[0] == "get" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		h.send(w, r, parts[1])
	case parts[0] == "put" && r.Method == http.MethodPut:
		h.receive(w, r, func(data []byte) { h.keep(w, parts[1], data) })
	case parts[0] == "part" && r.Method == http.MethodPut:
		h.receive(w, r, func(data []byte) { h.keepPart(w, parts[1], parts[2], data) })
	default:
		refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed", "The specified method is not allowed against this resource.")
	}
}

func (h *Hub) send(w http.ResponseWriter, r *http.Request, sha string) {
	h.mu.Lock()
	data, ok := h.objects[sha]
	h.mu.Unlock()
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	w.Header().Set("ETag", `"`+sha[:32]+`"`)
	w.Header().Set("Content-Type", "binary/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
}

// receive reads a body, which must say how long it is and be so long.
func (h *Hub) receive(w http.ResponseWriter, r *http.Request, keep func([]byte)) {
	if r.ContentLength < 0 {
		refuse(w, http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented: Transfer-Encoding")
		return
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
		return
	}
	keep(data)
}

func (h *Hub) keep(w http.ResponseWriter, sha string, data []byte) {
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != sha {
		refuse(w, http.StatusBadRequest, "BadDigest", "The SHA256 you specified did not match what we received.")
		return
	}
	h.mu.Lock()
	h.objects[sha] = data
	h.mu.Unlock()
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, md5.Sum(data)))
	w.WriteHeader(http.StatusOK)
}

// HasObject says whether the Hub holds a large file of this SHA-256, whether or not a commit names it.
func (h *Hub) HasObject(sha string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.objects[sha]
	return ok
}

// upload is a multipart upload under way.
type upload struct {
	sha   string
	size  int64
	part  int64
	parts map[int][]byte
}

// length is how long a part must be; 0 if there is no such part.
func (u *upload) length(part int) int64 {
	return max(0, min(u.part, u.size-int64(part-1)*u.part))
}

func (h *Hub) keepPart(w http.ResponseWriter, id, number string, data []byte) {
	n, err := strconv.Atoi(number)
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.uploads[id]
	if err != nil || u == nil || u.length(n) != int64(len(data)) {
		refuse(w, http.StatusBadRequest, "InvalidPart", "One or more of the specified parts could not be found.")
		return
	}
	u.parts[n] = data
	w.Header().Set("ETag", partTag(data))
	w.WriteHeader(http.StatusOK)
}

func partTag(data []byte) string { return fmt.Sprintf(`"%x"`, md5.Sum(data)) }
