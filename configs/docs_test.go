package configs

import (
	"os"
	"strings"
	"testing"
)

// The reference page shows one whole file. It must be valid.
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
	_, err = Parse("configuration.md", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
}
