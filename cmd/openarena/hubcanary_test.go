package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openarena/internal/testkit/canary"
	"openarena/internal/testkit/fakehub"
)

// hubParrots are Hubs that repeat all they hear. Failures that pass are left out: they are waited for.
func hubParrots() map[string]http.HandlerFunc {
	all := map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<html>%s</html>", parrot(r))
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "/"+r.Header.Get("Authorization"))
			w.WriteHeader(http.StatusFound)
		},
		"no JSON": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, parrot(r)) },
		"fields of every kind": func(w http.ResponseWriter, r *http.Request) {
			said := parrot(r)
			json.NewEncoder(w).Encode(map[string]any{
				"name": said, "sha": said, "private": true, "siblings": []any{map[string]string{"rfilename": "README.md"}}, "url": said,
				"orgs":  []any{map[string]string{"name": said, "roleInOrg": "write"}},
				"auth":  map[string]any{"accessToken": map[string]string{"role": "write"}},
				"files": []any{map[string]string{"path": "README.md", "uploadMode": "regular"}}, "commitOid": said, "commitUrl": said, "pullRequestUrl": said,
			})
		},
	}
	for _, status := range []int{401, 403, 404, 501} {
		all[fmt.Sprint(status)] = func(w http.ResponseWriter, r *http.Request) {
			said := parrot(r)
			w.Header().Set("X-Error-Message", said)
			w.Header().Set("X-Error-Code", said)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(map[string]string{"error": said})
		}
	}
	return all
}

// TestHubTokenStaysSecret sends a token of the Hub to Hubs that repeat all they hear, and to one that works: no output, no file
// of the machine and none on the Hub shows it.
func TestHubTokenStaysSecret(t *testing.T) {
	t.Parallel()
	f := bareFolder(t)
	f.env["HF_TOKEN"], f.env["HF_HOME"] = canary.Key, f.dir+"/hf"
	if err := os.Mkdir(filepath.Join(f.dir, "page"), 0o700); err != nil {
		t.Fatal(err)
	}
	f.write("page/README.md", "# A page\n")
	f.write("prompts.txt", "one\n")
	f.write("arena.yaml", "default_endpoint: {url: \""+nobody(t)+"\"}\nmodels: [{name: A, model_id: a}, {name: B, model_id: b}]\n"+
		"judge_model: {name: J, model_id: j}\ndatasets: [{path: prompts.txt}]\nexport: [{path: ranked.jsonl, upload: acme/set}]\n")
	commands := [][]string{
		{"upload", "acme/set", "--folder", "page", "--pr"}, {"doctor", "--no-calls"},
	}
	searched := 0
	parrots := hubParrots()
	for _, name := range slices.Sorted(maps.Keys(parrots)) {
		s := httptest.NewServer(parrots[name])
		t.Cleanup(s.Close)
		f.env["HF_ENDPOINT"] = s.URL
		searched += f.keepsKey(commands)
	}
	h := fakehub.New(t)
	h.AddToken(canary.Key, fakehub.Account{User: "ada", Role: "write", Orgs: map[string]string{"acme": "write"}})
	f.env["HF_ENDPOINT"] = h.URL
	searched += f.keepsKey([][]string{{"upload", "acme/set", "--folder", "page"}, {"upload", "acme/set", "--folder", "page", "--pr"}, {"doctor", "--no-calls"}})
	for name, content := range h.Files("acme/set", "main") {
		searched++
		if where := canary.Find(content); where != "" {
			t.Errorf("%s on the Hub shows the token, %s", name, where)
		}
	}
	if h.Files("acme/set", "main")["README.md"] == nil {
		t.Error("nothing was uploaded: the test looks at nothing")
	}
	if !t.Failed() {
		t.Attr("figure", fmt.Sprintf("Hubs that repeat a token: %d, outputs and files searched: %d, hits: 0", len(parrots), searched))
	}
}

// TestHubTokenSearchFinds: the parrots do repeat the token.
func TestHubTokenSearchFinds(t *testing.T) {
	for name, p := range hubParrots() {
		r := httptest.NewRequest(http.MethodGet, "/api/whoami-v2", nil)
		r.Header.Set("Authorization", "Bearer "+canary.Key)
		w := httptest.NewRecorder()
		p(w, r)
		var all strings.Builder
		w.Result().Header.Write(&all)
		if canary.Find([]byte(all.String()+w.Body.String())) == "" {
			t.Errorf("%s repeats no token", name)
		}
	}
}
