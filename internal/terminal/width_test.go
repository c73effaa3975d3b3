package terminal

import "testing"

func TestWidth(t *testing.T) {
	tests := []struct {
		name, in string
		want     int
	}{
		{"ASCII takes one column each", "abc", 3},
		{"letters with marks of their own take one", "Grüße", 5},
		{"a combining mark takes none", "e\u0301", 1},
		{"Chinese takes two", "你好", 4},
		{"so do full-width letters", "ＡＢ", 4},
		{"and emoji", "👍", 2},
		{"an emoji with a selector is wide", "❤️", 2},
		{"bars and dots are narrow", "━─…·–", 5},
		{"Korean letters that join a syllable take none", "\u1112\u1161\u11ab", 2},
		{"nothing takes nothing", "", 0},
	}
	for _, tt := range tests {
		if got := Width(tt.in); got != tt.want {
			t.Errorf("%s: Width(%q) = %d; want %d", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestTruncate(t *testing.T) {
	tests := []struct {
		name, in string
		columns  int
		want     string
	}{
		{"what fits stays", "mistral", 7, "mistral"},
		{"what does not ends in …", "mistral", 6, "mistr…"},
		{"a wide character is not halved", "你好吗", 4, "你…"},
		{"nor is there a blank before …", "a bcd", 3, "a…"},
		{"a letter keeps its mark", "e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"one column is just …", "mistral", 1, "…"},
		{"no room is nothing", "mistral", 0, ""},
		{"less than no room too", "mistral", -1, ""},
		{"marks at the end need no room", "ab\u0301", 2, "ab\u0301"},
	}
	for _, tt := range tests {
		if got := Truncate(tt.in, tt.columns); got != tt.want {
			t.Errorf("%s: Truncate(%q, %d) = %q; want %q", tt.name, tt.in, tt.columns, got, tt.want)
		}
	}
}
