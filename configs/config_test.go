package configs

import "testing"

// environment is what the tests' files find set.
func environment(name string) (string, bool) {
	v, ok := map[string]string{
		"OPENAI_API_KEY":       "sk-CANARY-openai-0123456789",
		"ANTHROPIC_API_KEY":    "sk-CANARY-anthropic-0123456789",
		"GEMINI_API_KEY":       "CANARY-gemini-0123456789",
		"AZURE_OPENAI_API_KEY": "CANARY-azure-0123456789",
		"GPU_KEY":              "CANARY-gpu-0123456789",
		"CONCURRENCY":          "8",
		"EMPTY":                "",
	}[name]
	return v, ok
}

func TestExamplesLoad(t *testing.T) {
	for _, e := range Examples() {
		c, err := Parse(e.Name+".yaml", []byte(e.Text), environment)
		if err != nil {
			t.Errorf("example %s: %v", e.Name, err)
			continue
		}
		if len(c.Warnings) > 0 {
			t.Errorf("example %s warns: %v", e.Name, c.Warnings)
		}
	}
}
