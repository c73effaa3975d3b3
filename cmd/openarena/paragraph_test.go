package main

import "testing"

func TestBroken(t *testing.T) {
	for _, test := range []struct {
		why, text string
		columns   int
		want      string
	}{
		{"what fits stays", "one two", 7, "one two"},
		{"a break takes the place of a space", "one two three", 7, "one two\nthree"},
		{"no column is left over or missing", "one two", 6, "one\ntwo"},
		{"a wide word has its own line", "a unbreakable b", 5, "a\nunbreakable\nb"},
		{"wide letters count twice", "日本 語", 5, "日本\n語"},
		{"an unknown width breaks nothing", "one two three", 0, "one two three"},
		{"nothing is nothing", "", 1, ""},
	} {
		if got := broken(test.text, test.columns); got != test.want {
			t.Errorf("%s: broken(%q, %d) = %q; want %q", test.why, test.text, test.columns, got, test.want)
		}
	}
}

func TestFittingLeavesQuotesOfAFile(t *testing.T) {
	const text = "arena.yaml:7:21: max_calls is too small\n    7 | budget: {max_calls: 0}\n      |            ^"
	if got, want := fittingIn(20, text), "arena.yaml:7:21:\nmax_calls is too\nsmall\n    7 | budget: {max_calls: 0}\n      |            ^"; got != want {
		t.Errorf("fittingIn: %q; want %q", got, want)
	}
}
