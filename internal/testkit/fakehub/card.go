package fakehub

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/goccy/go-yaml"
)

// validateYAML is POST /api/validate-yaml: whether a README.md begins with metadata that the Hub takes.
func (h *Hub) validateYAML(q *call) {
	var asked struct {
		Content  string `json:"content"`
		RepoType string `json:"repoType"`
	}
	if !q.decode(&asked) {
		return
	}
	type remark struct {
		Message string `json:"message"`
	}
	problems, warnings := []remark{}, []remark{}
	header, found := frontMatter(asked.Content)
	if !found {
		warnings = append(warnings, remark{"empty or missing yaml metadata in repo card"})
	}
	for _, p := range metadataProblems(header) {
		problems = append(problems, remark{p})
	}
	status := http.StatusOK
	if len(problems) > 0 {
		status = http.StatusBadRequest
	}
	q.reply(status, map[string]any{"errors": problems, "warnings": warnings})
}

// frontMatter is what stands between the two lines of dashes.
func frontMatter(text string) (header string, found bool) {
	rest, ok := strings.CutPrefix(strings.ReplaceAll(text, "\r\n", "\n"), "---\n")
	if !ok {
		return "", false
	}
	if header, _, found = strings.Cut(rest, "\n---"); found {
		return header, strings.TrimSpace(header) != ""
	}
	return "", false
}

// metadataProblems are what the Hub refuses, as far as shapes go. It looks into lists of licences, too, which this does not.
func metadataProblems(header string) (all []string) {
	var fields map[string]any
	if err := yaml.Unmarshal([]byte(header), &fields); err != nil {
		return []string{"bad metadata: " + err.Error()}
	}
	for _, key := range []string{"license", "language", "tags", "size_categories", "task_categories"} {
		if value, ok := fields[key]; ok && !isTexts(value) {
			all = append(all, fmt.Sprintf("%q must be a string or an array of strings", key))
		}
	}
	configs, ok := fields["configs"]
	if !ok {
		return all
	}
	list, ok := configs.([]any)
	if !ok {
		return append(all, `"configs" must be an array`)
	}
	for i, c := range list {
		fields, _ := c.(map[string]any)
		if _, ok := fields["config_name"].(string); !ok {
			all = append(all, fmt.Sprintf("\"configs[%d].config_name\" must be a string", i))
		}
	}
	return all
}

func isTexts(value any) bool {
	if _, ok := value.(string); ok {
		return true
	}
	list, ok := value.([]any)
	for _, v := range list {
		if _, text := v.(string); !text {
			return false
		}
	}
	return ok
}
