package judge

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestReplies(t *testing.T) {
	const file = "\uFEFF{\"text\": \"a\", \"finish\": \"max_tokens\", \"answer_a\": \"x\", \"answer_b\": \"y\", \"prompt\": \"q\"}\r\n" +
		"\n  \n[]\n{\"text\": {}}\n{}\n{\"reasoning\": \"r\"}\nno\n{\"text\": \"\\ud800 last\"}"
	var got []string
	for rec, err := range Replies(strings.NewReader(file)) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		got = append(got, fmt.Sprintf("%d %q %q %s %q %q %d", rec.Line, rec.Text, rec.Reasoning, rec.Finish, rec.First, rec.Second, len(rec.Messages)))
	}
	want := []string{
		`1 "a" "" length "x" "y" 1`,
		`line 4: it is JSON of type array; want an object with the reply in "text"`,
		`line 5: "text" is of type object; want text`,
		`line 6: it has no "text", which holds the reply`,
		`7 "" "r" unknown "" "" 0`,
		`line 8: it is no JSON object: invalid character 'o' in literal null (expecting 'u')`,
		`9 "� last" "" unknown "" "" 0`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Replies (-want +got):\n%s", d)
	}
}

func TestRepliesThatBreakOff(t *testing.T) {
	broken := errors.New("broken pipe")
	n := 0
	var last error
	for _, err := range Replies(io.MultiReader(strings.NewReader("{\"text\":\"a\"}\n"), iotest.ErrReader(broken))) {
		n++
		last = err
	}
	if n != 2 || !errors.Is(last, broken) {
		t.Errorf("%d items, the last error is %v; want a reply, then %v", n, last, broken)
	}
}
