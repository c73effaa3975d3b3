package export

import (
	"fmt"
	"strings"
)

// axolotlPart is what goes into a configuration of axolotl to train on a file.
func axolotlPart(file string, o Options) []byte {
	reader := o.format()
	if reader == "jsonl" {
		reader = "json"
	}
	var b strings.Builder
	b.WriteString("# For a configuration of axolotl. Write paths as they are seen from where it runs.\n")
	kind := "chat_template"
	switch o.Type {
	case "preference":
		kind = "chat_template.argilla_chat"
		b.WriteString("rl: dpo   # or ipo, simpo; with orpo the type is chat_template.argilla, which takes no system messages\n")
	case "kto":
		kind = "chatml.argilla_chat"
		b.WriteString("rl: kto   # for Llama 3 the type is llama3.argilla_chat\nremove_unused_columns: false\n")
	}
	entry := func(key, file string) {
		fmt.Fprintf(&b, "%s:\n  - path: %s\n    ds_type: %s\n    split: train\n    type: %s\n", key, appendString(nil, file), reader, kind)
		if o.Type == "sft" {
			b.WriteString("    field_messages: messages\n")
		}
	}
	entry("datasets", file)
	if o.EvalSplit > 0 {
		entry("test_datasets", EvalPath(file))
	}
	return []byte(b.String())
}
