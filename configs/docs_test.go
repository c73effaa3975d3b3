package configs

import (
	"os"
	"strings"
	"testing"
)

// The reference page shows one whole file. It must be valid, and must use nothing that has no effect yet.
func TestReferencePageIsValid(t *testing.T) {
	page, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(page), "```yaml\n")
	text, _, closed := strings.Cut(rest, "\n```")
	if !found || !closed {
		t.Fatal("docs/configuration.md has no yaml block")
	}
	c, err := Parse("configuration.md", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Later) > 0 {
		t.Errorf("settings without effect are shown as if they had one:\n%v", Problems(c.Later))
	}
}
