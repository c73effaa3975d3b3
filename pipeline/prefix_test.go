package pipeline

import (
	"strings"
	"testing"

	"openarena/providers"
	"openarena/store"
)

func TestParseHash(t *testing.T) {
	for _, test := range []struct {
		in   string
		want HashPrefix // "": an error
	}{
		{"0a1b", "0a1b"},
		{"0A1Bc", "0a1bc"}, // an odd digit counts
		{"0a1", ""},
		{"", ""},
		{"xyzw", ""},
		{"0a1bx", ""},
		{"0a1 b", ""},
		{"000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b0c0d0e0f"},
		{"000102030405060708090a0b0c0d0e0f1", ""},
	} {
		if got, err := ParseHash(test.in); got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("ParseHash(%q) = %q, %v; want %q", test.in, got, err, test.want)
		}
	}
}

func TestRedoOfAPromptLeavesItsNeighboursAlone(t *testing.T) {
	prompts := []Hash{{0x12, 0x34, 0x50}, {0x12, 0x34, 0x5f}, {0x12, 0x34, 0x60}}
	for _, test := range []struct {
		typed string
		want  int // answers taken back
		err   string
	}{
		{"123450", 1, ""},
		{"12346", 1, ""}, // 123450 shares all its whole bytes
		{"12345", 0, "2 prompts"},
		{"1234", 0, "3 prompts"},
		{"12347", 0, "no prompt"},
	} {
		a, db := filled(t, 1, 0)
		others := len(keysOf(t, db, store.Answers))
		b := bulk{store: db}
		said := newReply(&providers.Reply{Text: "words", Finish: providers.FinishStop})
		for _, h := range prompts {
			b.put(store.Prompts, h[:], nil, []byte("[]"))
			b.put(store.Answers, AnswerKey{Prompt: h, Contestant: a.Contestants[0].ID}.bytes(), said.meta(), said.body())
		}
		if err := b.flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		prefix, err := ParseHash(test.typed)
		if err != nil {
			t.Fatal(err)
		}
		n, err := a.Redo(t.Context(), db, Selection{Prompt: prefix})
		if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
			t.Errorf("Redo(--prompt %s) = %v; want an error with %q", test.typed, err, test.err)
		}
		if left := len(keysOf(t, db, store.Answers)) - others; n != test.want || left != len(prompts)-test.want {
			t.Errorf("Redo(--prompt %s) = %d, and %d of %d answers are left; want %d taken back", test.typed, n, left, len(prompts), test.want)
		}
	}
}
