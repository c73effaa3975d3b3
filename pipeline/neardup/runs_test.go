package neardup

import (
	"strings"
	"testing"
)

func TestRuns(t *testing.T) {
	const train = "A train leaves the station at noon and drives west with a speed of sixty miles an hour, until it stops."
	for _, c := range []struct {
		about, excluded, text string
		want                  string // the run; "whole"; "": nothing
	}{
		{"the same text", train, train, "whole"},
		{"case and blanks", train, "  a TRAIN leaves" + train[len("A train leaves"):] + "\n", "whole"},
		{"inside another", train, "Solve this: " + train, "a train leaves the station at noon and drives west with a speed"},
		{"13 words of it", train, "It stops and drives west with a speed of sixty miles an hour until it sleeps", "and drives west with a speed of sixty miles an hour until it"},
		{"12 words of it", train, "It drives west with a speed of sixty miles an hour until it sleeps", ""},
		{"punctuation does not count", "one, two, three; four (five) six: seven eight. Nine ten eleven twelve thirteen", "0 one two three four five six seven eight nine ten eleven twelve thirteen 14", "one two three four five six seven eight nine ten eleven twelve thirteen"},
		{"short, and inside", "How many legs do two spiders have together?", "Tell me: how many legs do two spiders have together?", "how many legs do two spiders have together"},
		{"too short to be found inside", "How many legs has a spider?", "Tell me: how many legs has a spider?", ""},
		{"short, and all there is", "How many legs has a spider?", "how many legs has  a spider?", "whole"},
		{"operators count where it is whole", "2+2", "2-2", ""},
		{"Chinese, each sign a word", "小明有五个苹果，他又买了三个苹果。", "题目：小明有五个苹果,他又买了三个苹果。他有几个？", "小明有五个苹果,他又买了三个"},
		{"nothing in common", train, "A train is late.", ""},
	} {
		r := NewRuns(13)
		r.Add("something else that is excluded and has got quite a lot of words, too", "other:1")
		r.Add(c.excluded, "bench:2")
		got, found := r.Find(c.text)
		run := got.Run
		if found && got.Words == 0 {
			run = "whole"
		}
		if run != c.want || found != (c.want != "") || found && got.Place != "bench:2" {
			t.Errorf("%s: Find(%q) = %+v, %t; want %q", c.about, c.text, got, found, c.want)
		}
	}
}

func TestRunsOfAnotherLength(t *testing.T) {
	r := NewRuns(5)
	r.Add("one two three four five six", "a")
	r.Add("four words are few", "b")
	for text, want := range map[string]string{
		"zero two three four five six": "two three four five six", "three four five six seven": "", "well, four words are few": "",
	} {
		if got, _ := r.Find(text); got.Run != want {
			t.Errorf("Find(%q) = %q; want %q", text, got.Run, want)
		}
	}
	if got, found := r.Find("Four words are FEW"); !found || got.Place != "b" || got.Words != 0 {
		t.Errorf("Find() of a whole text = %+v, %t", got, found)
	}
	if got, found := NewRuns(13).Find(strings.Repeat("a ", 50)); found {
		t.Errorf("an empty set finds %+v", got)
	}
}
