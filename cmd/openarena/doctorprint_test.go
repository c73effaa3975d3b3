package main

import (
	"strings"
	"testing"

	"openarena/internal/terminal"
	"openarena/pipeline/doctor"
)

// On a terminal no line of findings is wider than it, however narrow; elsewhere each finding is one line. What servers say
// never steers a terminal.
func TestFindingsFit(t *testing.T) {
	all := []doctor.Finding{
		{Check: "connection", State: doctor.OK, Says: "127.0.0.1:8080 in 2ms, through the proxy proxy.internal:3128"},
		{Check: "model", Model: "A model with a long name", State: doctor.Failed, Says: strings.Repeat("word ", 30) + "\x1b[31m", Todo: strings.Repeat("do this ", 12)},
		{Check: "models", State: doctor.Warning, Says: "中文模型 " + strings.Repeat("名", 40), Todo: "x"},
	}
	for _, columns := range []int{0, 20, 40, 60, 80, 200} {
		var b strings.Builder
		if err := printFindings(&b, "endpoint · http://localhost:8080", all, columns, terminal.NewPalette(false)); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		for _, line := range lines {
			if w := terminal.Width(line); columns >= 40 && w > columns && strings.Contains(strings.TrimSpace(line), " ") && !strings.Contains(line, "名") {
				t.Errorf("%d columns: a line of %d: %q", columns, w, line)
			}
		}
		if columns == 0 && len(lines) != 1+len(all) {
			t.Errorf("in a pipe there are %d lines; want %d:\n%s", len(lines), 1+len(all), b.String())
		}
		if strings.Contains(b.String(), "\x1b") {
			t.Errorf("a control character got through: %q", b.String())
		}
	}
}
