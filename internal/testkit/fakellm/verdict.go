package fakellm

import (
	"bytes"
	"fmt"
	"hash/crc32"
)

// verdict is what a fake judge thinks, in the order the answers were shown.
type verdict struct {
	first, second  int // hidden qualities, 0 to 255
	scoreA, scoreB int // 1 to 10
	label          string
	criteria       int // how many a question asks for, in place of one score
	alone          int // the score of the one answer there is; 0: there are two
}

type judgeForm uint8

const (
	asJSON judgeForm = iota
	asText
	asRanking
	unreadable
)

// positionBias is what being shown first is worth, in points of quality. It turns a few close battles by their order.
const positionBias = 6

// judge compares the two answers inside a question. Answers of this package are known by their tags; others by what the
// fences around them hold. A question in which neither is found is judged by its hash, so that the verdict is repeatable.
func judge(question []byte, k Key) verdict {
	v := verdict{first: int(k[0]), second: int(k[1])}
	if bytes.Contains(question, []byte(`"score"`)) && !bytes.Contains(question, []byte(`"score_a"`)) {
		return judgeAlone(question, v)
	}
	if found := tags(question); len(found) >= 2 {
		v.first, v.second = int(found[0].quality()), int(found[1].quality())
	} else if a, b, ok := fenced(question); ok {
		v.first, v.second = textQuality(a), textQuality(b)
	}
	d := v.first - v.second + positionBias
	for bytes.Contains(question, fmt.Appendf(nil, `"c%d_a"`, v.criteria+1)) {
		v.criteria++
	}
	v.label = onMenu(question, label(d), d)
	v.scoreA, v.scoreB = scores(v.first+v.second, d)
	return v
}

// judgeAlone scores the one answer inside a question, from 1 to 10.
func judgeAlone(question []byte, v verdict) verdict {
	answer, ok := between(question, []byte("<answer "), []byte("</answer"))
	if found := tags(answer); len(found) > 0 {
		v.first = int(found[0].quality())
	} else if ok {
		v.first = textQuality(answer)
	}
	v.alone = 1 + v.first*9/255
	return v
}

// onMenu says a label in the words that the question has for it: some know A, B and C only, some no ties.
func onMenu(question []byte, label string, d int) string {
	quoted := func(s string) bool { return bytes.Contains(question, []byte(`"`+s+`"`)) }
	first, tie, second := "A>B", "A=B", "B>A"
	if quoted("A") && quoted("B") {
		even := label == tie
		first, tie, second = "A", "C", "B"
		switch {
		case even:
			label = tie
		case d > 0:
			label = first
		default:
			label = second
		}
	}
	if label == tie && quoted(first) && !quoted(tie) {
		if d < 0 {
			return second
		}
		return first
	}
	return label
}

// rank is a label as a reward model says it, from 1 to 6.
func (v verdict) rank() int {
	switch v.label {
	case "A>>B":
		return 1
	case "A>B":
		return 2
	case "B>A":
		return 5
	case "B>>A":
		return 6
	}
	if v.first+positionBias < v.second {
		return 4
	}
	return 3
}

func label(d int) string {
	switch {
	case d >= 60:
		return "A>>B"
	case d >= 12:
		return "A>B"
	case d <= -60:
		return "B>>A"
	case d <= -12:
		return "B>A"
	}
	return "A=B"
}

// scores never contradict the label of d: they differ where it names a winner and are equal at a tie.
func scores(sum, d int) (a, b int) {
	middle := 3 + sum*5/510
	step := 0
	switch {
	case d >= 60 || d <= -60:
		step = 2
	case d >= 12 || d <= -12:
		step = 1
	}
	if d < 0 {
		step = -step
	}
	return middle + step, middle - step
}

// fenced finds the texts between the first and second pair of tags that name an answer.
func fenced(question []byte) (a, b []byte, ok bool) {
	a, ok = between(question, []byte("<answer_a"), []byte("</answer_a"))
	if !ok {
		return nil, nil, false
	}
	b, ok = between(question, []byte("<answer_b"), []byte("</answer_b"))
	return a, b, ok
}

func between(text, from, to []byte) ([]byte, bool) {
	_, rest, ok := bytes.Cut(text, from)
	if !ok {
		return nil, false
	}
	_, rest, ok = bytes.Cut(rest, []byte(">"))
	if !ok {
		return nil, false
	}
	inside, _, ok := bytes.Cut(rest, to)
	return inside, ok
}

func textQuality(text []byte) int { return int(crc32.ChecksumIEEE(text) & 0xff) }
