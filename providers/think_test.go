package providers

import "testing"

func TestSplitThink(t *testing.T) {
	for _, c := range []struct {
		name, content   string
		text, reasoning string
	}{
		{"no block", " Four. ", " Four. ", ""},
		{"a block at the start", "<think>2+2</think>Four.", "Four.", "2+2"},
		{"the line break after it goes with it", "<think>\n2+2\n</think>\n\nFour.\n", "Four.\n", "2+2"},
		{"an empty block", "<think>\n\n</think>\n\nFour.", "Four.", ""},
		{"two blocks", "<think>a</think>Fo<think>b</think>ur.", "Four.", "a\n\nb"},
		{"a block in the middle", "Well, <think>2+2</think>four.", "Well, four.", "2+2"},
		{"never closed: all of it is reasoning", "<think>2+2 is, let me", "", "2+2 is, let me"},
		{"never closed, after white space", "\n <think>2+2", "", "2+2"},
		{"opened later and never closed: text", "Write <think> first.", "Write <think> first.", ""},
		{"closed without an opening", "2+2</think>Four.", "Four.", "2+2"},
		{"closed without an opening, then a block", "a</think>Fo<think>b</think>ur.", "Four.", "a\n\nb"},
		{"a block, then an opening that is never closed", "<think>a</think>Write <think> first.", "Write <think> first.", "a"},
		{"nothing after the block", "<think>a</think>", "", "a"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if text, reasoning := splitThink(c.content); text != c.text || reasoning != c.reasoning {
				t.Errorf("splitThink(%q) = %q, %q; want %q, %q", c.content, text, reasoning, c.text, c.reasoning)
			}
		})
	}
}
