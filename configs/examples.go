package configs

import (
	"embed"
)

//go:embed examples/*.yaml
var exampleFiles embed.FS

// Example is a commented configuration to start from.
type Example struct {
	Name string // ollama, openai, vllm, hosted, endpoints, judging, python
	Text string
}

// Examples returns the embedded examples, the simplest first.
func Examples() []Example {
	var examples []Example
	for _, name := range []string{"ollama", "openai", "vllm", "hosted", "endpoints", "judging", "python"} {
		text, err := exampleFiles.ReadFile("examples/" + name + ".yaml")
		if err != nil {
			panic("configs: an embedded example is gone: " + err.Error()) // cannot happen: the build embeds it
		}
		examples = append(examples, Example{name, string(text)})
	}
	return examples
}
