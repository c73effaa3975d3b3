package fakehub

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var isSHA = regexp.MustCompile(`^[0-9a-f]{64}$`)

// lfs serves /datasets/ORG/NAME.git/info/lfs/objects/batch and …/verify.
func (h *Hub) lfs(q *call) {
	if q.account == nil {
		q.fail(http.StatusUnauthorized, "", "Invalid username or password.")
		return
	}
	if q.account.Role == "read" { // who may not write here may still propose
		q.forbid("Forbidden: you must use a write token to upload to a repository.")
		return
	}
	switch {
	case q.r.Method == http.MethodPost && q.parts[6] == "batch":
		h.batch(q)
	case q.r.Method == http.MethodPost && q.parts[6] == "verify":
		h.verify(q)
	default:
		q.fail(http.StatusNotFound, "", "Sorry, we can't find the page you are looking for.")
	}
}

type object struct {
	OID  string `json:"oid"`
	Size int64  `json:"size"`
}

func (h *Hub) batch(q *call) {
	const media = "application/vnd.git-lfs+json"
	if !strings.HasPrefix(q.r.Header.Get("Content-Type"), media) || !strings.HasPrefix(q.r.Header.Get("Accept"), media) {
		q.fail(http.StatusNotAcceptable, "", "Accept and Content-Type must be "+media)
		return
	}
	var asked struct {
		Operation string   `json:"operation"`
		Transfers []string `json:"transfers"`
		HashAlgo  string   `json:"hash_algo"`
		Objects   []object `json:"objects"`
	}
	if !q.decode(&asked) {
		return
	}
	if asked.Operation != "upload" || asked.HashAlgo != "" && asked.HashAlgo != "sha256" || len(asked.Objects) == 0 {
		q.fail(http.StatusUnprocessableEntity, "", "operation must be upload, hash_algo sha256, and objects must not be empty")
		return
	}
	parts := slices.Contains(asked.Transfers, "multipart")
	transfer, objects := "basic", []map[string]any{}
	for _, o := range asked.Objects {
		if parts && o.Size > h.partSize {
			transfer = "multipart"
		}
		objects = append(objects, h.plan(q.repo.id, o, parts, q.r.Header.Get("Authorization")))
	}
	q.w.Header().Set("Content-Type", media)
	q.reply(http.StatusOK, map[string]any{"transfer": transfer, "objects": objects})
}

// plan is what is to be done for an object: nothing if it is there.
func (h *Hub) plan(id string, o object, parts bool, authorization string) map[string]any {
	planned := map[string]any{"oid": o.OID, "size": o.Size}
	if !isSHA.MatchString(o.OID) || o.Size <= 0 {
		planned["error"] = map[string]any{"code": http.StatusUnprocessableEntity, "message": "oid must be a SHA-256 and size positive"}
		return planned
	}
	h.mu.Lock()
	data, there := h.objects[o.OID]
	number := len(h.uploads) + 1
	h.mu.Unlock()
	if there && int64(len(data)) == o.Size {
		return planned
	}
	action := map[string]any{"href": h.link("/put/" + o.OID)}
	if parts && o.Size > h.partSize {
		upload := &upload{sha: o.OID, size: o.Size, part: h.partSize, parts: map[int][]byte{}}
		name := digest("upload", o.OID, strconv.Itoa(number))[:32]
		header := map[string]string{"chunk_size": strconv.FormatInt(h.partSize, 10)}
		for n := 1; upload.length(n) > 0; n++ {
			header[strconv.Itoa(n)] = h.link(fmt.Sprintf("/part/%s/%d", name, n))
		}
		h.mu.Lock()
		h.uploads[name] = upload
		h.mu.Unlock()
		action = map[string]any{"href": h.URL + "/api/complete_multipart?uploadId=" + name, "header": header}
	}
	planned["authenticated"] = true
	planned["actions"] = map[string]any{
		"upload": action,
		"verify": map[string]any{"href": h.URL + "/datasets/" + id + ".git/info/lfs/objects/verify", "header": map[string]string{"Authorization": authorization}},
	}
	return planned
}

// complete puts the parts of an upload together.
func (h *Hub) complete(q *call) {
	var asked struct {
		OID   string `json:"oid"`
		Parts []struct {
			Number int    `json:"partNumber"`
			ETag   string `json:"etag"`
		} `json:"parts"`
	}
	if !q.decode(&asked) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	u := h.uploads[q.r.URL.Query().Get("uploadId")]
	if u == nil || u.sha != asked.OID {
		q.fail(http.StatusNotFound, "", "The specified multipart upload does not exist.")
		return
	}
	var whole bytes.Buffer
	for i, p := range asked.Parts {
		data, ok := u.parts[p.Number]
		if p.Number != i+1 || !ok || partTag(data) != p.ETag {
			q.bad(fmt.Sprintf("part %d is not what was uploaded", i+1))
			return
		}
		whole.Write(data)
	}
	if sum := sha256.Sum256(whole.Bytes()); int64(whole.Len()) != u.size || hex.EncodeToString(sum[:]) != u.sha {
		q.bad("the parts do not make up the object")
		return
	}
	h.objects[u.sha] = whole.Bytes()
	delete(h.uploads, q.r.URL.Query().Get("uploadId"))
	q.reply(http.StatusOK, map[string]any{"success": true})
}

func (h *Hub) verify(q *call) {
	var asked object
	if !q.decode(&asked) {
		return
	}
	h.mu.Lock()
	data, ok := h.objects[asked.OID]
	h.mu.Unlock()
	if !ok || int64(len(data)) != asked.Size {
		q.fail(http.StatusNotFound, "", "Object not found, or of another size")
		return
	}
	q.reply(http.StatusOK, map[string]any{"message": "OK"})
}
