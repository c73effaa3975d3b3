package configs

import (
	"fmt"
	"strings"
	"testing"

	"openarena/configs/internal/tree"
)

// TestExcerptHidesSecrets puts a key where keys are found, and asks for the excerpt of every line at every column: none
// may show it, whether the file could be parsed or not.
func TestExcerptHidesSecrets(t *testing.T) {
	const canary = "CANARY-0123456789"
	for _, c := range []struct{ why, src string }{
		{"behind api_key", "api_key: " + canary},
		{"in quotes", "api_key: \"" + canary + "\""},
		{"on a line with others", "e: {url: x, api_key: " + canary + ", timeout: 5m}"},
		{"a key with commas", "e: {api_key: 'a, " + canary + "', timeout: 5m}"},
		{"in a block", "e:\n  api_key: |\n    " + canary + "\n  timeout: 5m"},
		{"on a second line", "e:\n  api_key: abc\n    " + canary + "\n  timeout: 5m"},
		{"in quotes over two lines", "e: {api_key: \"abc\n   " + canary + "\"}"},
		{"below a key that keeps secrets", "credentials:\n  - first:\n      any: " + canary},
		{"in a header", "headers: {Authorization: Bearer " + canary + "}"},
		{"in another header", "headers:\n  X-Api-Key: " + canary},
		{"behind an anchor", "x: &k " + canary + "\napi_key: *k"},
		{"as a default", "api_key: ${NO:-" + canary + "}"},
		{"as a default elsewhere", "url: http://h/${NO:-" + canary + "}"},
		{"in a url, as password", "url: https://me:" + canary + "@host/v1"},
		{"in a url, as query", "url: https://host/v1?x=1&api-key=" + canary + "&y=2"},
		{"by its looks", "model_id: sk-" + canary},
		{"a bearer in a text", "system: use Bearer " + canary},
		{"where the file cannot be parsed", "e: {api_key: " + canary + "\nf: ]"},
		{"where the file cannot be parsed, in a block", "e:\n  api_key: |\n    " + canary + "\n  f: ]"},
	} {
		var faults tree.Faults
		src := c.src + "\n"
		root := tree.Read([]byte(src), environment, &faults)
		redact := newRedactor([]byte(src), root)
		for i, line := range strings.Split(src, "\n") {
			for col := 1; col <= len(line)+1; col++ {
				got := redact.excerpt(tree.Mark{Line: i + 1, Col: col})
				for from := 0; from+6 <= len(canary); from++ {
					if strings.Contains(got, canary[from:from+6]) {
						t.Fatalf("%s: the excerpt of %d:%d shows a secret:\n%s", c.why, i+1, col, got)
					}
				}
			}
		}
	}
}

// TestNoMessageShowsSecrets breaks a file that is full of keys in many ways, a line at a time.
func TestNoMessageShowsSecrets(t *testing.T) {
	lines := []string{
		"default_endpoint:",
		"  url: https://api.example.com/v1",
		"  api_key: sk-CANARY-0123456789",
		"  headers: {X-Team: eval, X-Api-Key: CANARY-header-01}",
		"endpoints:",
		"  gpu: {url: \"https://gpu.example.com/v1\", api_key: \"${GPU_KEY}\"}",
		"models: [{name: A, model_id: a, endpoint: gpu}, {name: B, model_id: b}]",
		"judge_model: {name: J, model_id: j}",
		"datasets: [{path: p.txt}]",
		"store: {path: \"${GPU_KEY}.db\"}",
	}
	breaks := map[string]func(string) string{
		"is gone":            func(string) string { return "" },
		"is here twice":      func(l string) string { return l + "\n" + l },
		"is indented":        func(l string) string { return "   " + l },
		"is not indented":    func(l string) string { return strings.TrimSpace(l) },
		"has a tab":          func(l string) string { return "\t" + l },
		"has an open quote":  func(l string) string { return l + "\"" },
		"has an open brace":  func(l string) string { return strings.Replace(l, ": ", ": {", 1) },
		"is a list":          func(l string) string { return strings.Replace(l, ": ", ": [x, ", 1) + "]" },
		"has a wrong key":    func(l string) string { return strings.Replace(l, ":", "x:", 1) },
		"is a key itself":    func(l string) string { return strings.Replace(l, ": ", ":", 1) },
		"is all there is":    nil,
		"has a wrong type":   func(l string) string { return l + "\n  stream: CANARY-stream-01\n  token: [CANARY-token-01]" },
		"ends in an unknown": func(l string) string { return l + " *CANARY-alias-01" },
	}
	seen := 0
	for how, change := range breaks {
		for i := range lines {
			broken := append([]string(nil), lines...)
			if change == nil {
				broken = lines[i : i+1]
			} else {
				broken[i] = change(lines[i])
			}
			c, err := Parse("arena.yaml", []byte(strings.Join(broken, "\n")+"\n"), environment)
			text := fmt.Sprintf("%v %+v %#v", err, c, c)
			if c != nil {
				text = fmt.Sprint(err, c.Warnings, c.Secrets)
			} else {
				seen++
			}
			for _, canary := range []string{"sk-CANARY", "CANARY-0123", "CANARY-header", "CANARY-gpu", "CANARY-token"} {
				if strings.Contains(text, canary) {
					t.Errorf("line %d %s: a message shows %s:\n%s", i+1, how, canary, text)
				}
			}
		}
	}
	if seen < 60 {
		t.Errorf("only %d of the changes broke the file", seen)
	}
}

func TestExcerpt(t *testing.T) {
	src := "models:\n  - {name: é, api_key: CANARY-0123456789}\n" + strings.Repeat("x", 200) + "\n" + strings.Repeat("y", 5000) + "\n"
	redact := newRedactor([]byte(src), nil)
	for _, c := range []struct {
		why       string
		line, col int
		want      string
	}{
		{"the caret stands below its column", 2, 12, "    2 |   - {name: é, api_key: ***\n      |            ^"},
		{"within a secret it stands at its beginning", 2, 30, "    2 |   - {name: é, api_key: ***\n      |                        ^"},
		{"behind the end of a line", 1, 8, "    1 | models:\n      |        ^"},
		{"a long line is cut around the caret", 3, 150, "    3 | …" + strings.Repeat("x", 119) + "…\n      | " + strings.Repeat(" ", 81) + "^"},
		{"a very long line is not shown", 4, 1, ""},
		{"a line that is not there", 99, 1, ""},
	} {
		if got := redact.excerpt(tree.Mark{Line: c.line, Col: c.col}); got != c.want {
			t.Errorf("%s: excerpt of %d:%d =\n%s\nwant\n%s", c.why, c.line, c.col, got, c.want)
		}
	}
}
