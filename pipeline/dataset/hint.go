package dataset

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"openarena/internal/spelling"
)

// promptNames are the fields that hold the prompt in public sets, the likeliest first.
var promptNames = []string{"prompt", "messages", "conversations", "conversation", "instruction", "question", "turns", "problem", "query", "input", "text"}

// hinted adds to an error of a field that is not there which field may hold the prompt.
func hinted(err error, path fieldPath, o *Object) error {
	var no missing
	if _, near := spelling.Nearest(path.text, o.names); near || !errors.As(err, &no) || len(path.steps) > 1 {
		return err
	}
	for _, name := range promptNames {
		if name != path.text && slices.Contains(o.names, name) {
			return missing(fmt.Sprintf("%s; perhaps field: %s", no, name))
		}
	}
	return err
}

// insideHint says how to write a field inside an object.
func insideHint(o *Object, path string) string {
	for _, name := range slices.Concat(promptNames, contentNames) {
		if _, ok := o.Get(name); ok {
			return fmt.Sprintf("; perhaps field: %s.%s", path, name)
		}
	}
	if len(o.names) == 0 {
		return ""
	}
	return fmt.Sprintf("; fields there: %s", listed(o.names))
}

// Suggest is what to write under `datasets:` for rows with these fields; empty where nothing looks like a prompt.
func Suggest(fields []Field) string {
	types := make(map[string]string)
	for _, f := range fields {
		types[f.Name] = strings.TrimSuffix(f.Type, " or null")
	}
	isText := func(name string) bool { return types[name] == "text" }
	for _, more := range []string{"input", "context"} {
		if isText("instruction") && isText(more) {
			return fmt.Sprintf(`template: "{{.instruction}}{{if .%s}}\n\n{{.%s}}{{end}}"`, more, more)
		}
	}
	line := ""
	for _, name := range slices.Backward(promptNames) {
		switch types[name] {
		case "text", "list of messages", "messages as JSON in a text":
			line = "field: " + name
		case "list of texts":
			line = "field: " + name + "[0]"
		}
	}
	for _, system := range []string{"system", "system_prompt"} {
		if line != "" && isText(system) {
			return line + "\nsystem_field: " + system
		}
	}
	return line
}
