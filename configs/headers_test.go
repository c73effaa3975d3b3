package configs

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPrintedConfigShowsNoSecret prints a whole Config in the ways a program prints things.
func TestPrintedConfigShowsNoSecret(t *testing.T) {
	src := arena(`default_endpoint: {url: "https://api.example.com/v1", api_key: CANARY-key-0123, headers: {X-Api-Key: CANARY-header-0123}}
endpoints: {gpu: {url: "https://gpu.example.com/v1", headers: {X-Team: CANARY-team-0123}}}
store: {url: "postgres://arena:CANARY-password@db/arena?password=CANARY-query"}
`)
	c, err := Parse("arena.yaml", src, environment)
	if err != nil {
		t.Fatal(err)
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"JSON": string(asJSON), "a part": fmt.Sprint(c.Store, c.Models[0], c.Endpoints)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%s", "%x"} {
		texts[verb] = fmt.Sprintf(verb, *c)
	}
	for how, text := range texts {
		if strings.Contains(text, "CANARY") || strings.Contains(text, fmt.Sprintf("%x", "CANARY")) {
			t.Errorf("as %s it shows a secret:\n%s", how, text)
		}
	}
	if got := c.Store.URL.Reveal(); got != "postgres://arena:CANARY-password@db/arena?password=CANARY-query" {
		t.Errorf("the address itself is %q", got)
	}
	want := Headers{"X-Api-Key": "CANARY-header-0123"}
	if diff := cmp.Diff(want, c.DefaultEndpoint.Headers); diff != "" {
		t.Errorf("the headers themselves: -want +got:\n%s", diff)
	}
}
