package fakehub

import (
	"net/http"
	"slices"
	"strings"
)

// Account is who a token stands for, and what it may do.
type Account struct {
	User string            // such as ada
	Role string            // of the token: read, write or fineGrained
	Orgs map[string]string // the user's role in organisations: read, contributor, write or admin
	// Scopes are what a fineGrained token may do, by user, organisation or dataset: repo.content.read, repo.write.
	Scopes map[string][]string
}

// AddToken makes a token known. Any other is refused, for public datasets too, as the real Hub does.
func (h *Hub) AddToken(token string, a Account) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.accounts[token] = a
}

// who is the account of a request; nil for nobody. It is not ok if the token is unknown.
func (h *Hub) who(r *http.Request) (a *Account, ok bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return nil, true
	}
	token, bearer := strings.CutPrefix(header, "Bearer ")
	h.mu.Lock()
	defer h.mu.Unlock()
	found, ok := h.accounts[token]
	if !ok || !bearer {
		return nil, false
	}
	return &found, true
}

func (a *Account) scoped(id, permission string) bool {
	owner, _, _ := strings.Cut(id, "/")
	return slices.Contains(a.Scopes[owner], permission) || slices.Contains(a.Scopes[id], permission)
}

// mayWrite says whether it may write to datasets of this id, existing or not.
func (a *Account) mayWrite(id string) bool {
	if a == nil || a.Role == "read" {
		return false
	}
	owner, _, _ := strings.Cut(id, "/")
	role := a.Orgs[owner]
	if owner != a.User && role != "write" && role != "admin" && role != "contributor" {
		return false
	}
	return a.Role != "fineGrained" || a.scoped(id, "repo.write")
}

// belongs says whether the owner is the account, or an organisation it is in, and the token may read there.
func (a *Account) belongs(id string) bool {
	if a == nil {
		return false
	}
	owner, _, _ := strings.Cut(id, "/")
	if owner != a.User && a.Orgs[owner] == "" {
		return false
	}
	return a.Role != "fineGrained" || a.scoped(id, "repo.content.read") || a.scoped(id, "repo.write")
}

// whoami is GET /api/whoami-v2.
func (h *Hub) whoami(q *call) {
	if q.account == nil {
		q.fail(http.StatusUnauthorized, "", "Invalid username or password.")
		return
	}
	orgs := []map[string]any{}
	for _, name := range sorted(q.account.Orgs) {
		orgs = append(orgs, map[string]any{
			"type": "org", "id": digest("org", name)[:24], "name": name, "fullname": name, "email": nil, "canPay": false, "periodEnd": nil,
			"isEnterprise": false, "avatarUrl": "", "roleInOrg": q.account.Orgs[name],
		})
	}
	token := map[string]any{"displayName": "test", "role": q.account.Role, "createdAt": began}
	if q.account.Role == "fineGrained" {
		scoped := []map[string]any{}
		for _, name := range sorted(q.account.Scopes) {
			kind := "org"
			switch {
			case name == q.account.User:
				kind = "user"
			case strings.Contains(name, "/"):
				kind = "dataset"
			}
			scoped = append(scoped, map[string]any{
				"entity": map[string]any{"_id": digest(kind, name)[:24], "type": kind, "name": name}, "permissions": q.account.Scopes[name],
			})
		}
		token["fineGrained"] = map[string]any{"canReadGatedRepos": true, "global": []string{}, "scoped": scoped}
	}
	q.reply(http.StatusOK, map[string]any{
		"type": "user", "id": digest("user", q.account.User)[:24], "name": q.account.User, "fullname": q.account.User, "isPro": false,
		"canPay": false, "periodEnd": nil, "avatarUrl": "", "orgs": orgs,
		"auth": map[string]any{"type": "access_token", "accessToken": token},
	})
}
