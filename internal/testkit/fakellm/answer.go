package fakellm

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
)

// Key identifies a request: SHA-256 over its body as it was sent. Two requests with one key are the same call.
type Key [32]byte

func (k Key) word(i int) uint64 { return binary.LittleEndian.Uint64(k[8*i:]) }

// tag is what a reply carries of its request: 16 hex digits of the key, then 2 of the text's hidden quality.
type tag [18]byte

func tagOf(k Key, quality uint8) (t tag) {
	hex.Encode(t[:16], k[:8])
	hex.Encode(t[16:], []byte{quality})
	return t
}

// id is the part of a tag that names the request.
func (t tag) id() string { return string(t[:16]) }

func (t tag) quality() uint8 {
	var b [1]byte
	_, _ = hex.Decode(b[:], t[16:]) // the pattern below lets only hex digits in
	return b[0]
}

var tagPattern = regexp.MustCompile(`ref-([0-9a-f]{18})\b`)

// Tag returns the name of the request that text answers, as [Stats] lists it under Calls; "" if text is no reply of
// this package. Every reply carries it, readable or not, so that a stored text can be traced to the call that made it.
func Tag(text string) string {
	if m := tagPattern.FindStringSubmatch(text); m != nil {
		return m[1][:16]
	}
	return ""
}

// tags returns all tags in text, in order.
func tags(text []byte) []tag {
	var all []tag
	for _, m := range tagPattern.FindAllSubmatch(text, -1) {
		all = append(all, tag(m[1]))
	}
	return all
}

// quality is a hidden strength from 0 to 255: most of it is the model's, some the answer's own. Each model so wins most
// of its battles against a weaker one and loses some.
func quality(model string, k Key) uint8 {
	h := uint32(2166136261)
	for i := range len(model) {
		h = (h ^ uint32(model[i])) * 16777619
	}
	return uint8((3*(h>>7&0xff) + 2*uint32(k[31])) / 5)
}

// words are plain ASCII.
var words = [64]string{
	"river", "measure", "quiet", "because", "lantern", "every", "model", "under", "simple", "answer", "which", "carries",
	"the", "of", "a", "to", "and", "in", "is", "that", "for", "it", "with", "as", "was", "on", "be", "at", "by", "from",
	"stone", "paper", "window", "reason", "number", "garden", "signal", "winter", "method", "harbour", "example", "slowly",
	"often", "never", "between", "through", "another", "careful", "bright", "heavy", "first", "second", "small", "large",
	"turns", "gives", "holds", "finds", "keeps", "moves", "shows", "takes", "makes", "leaves",
}

// appendAnswer appends about size bytes of text that looks like Markdown and is a function of the key: a heading with the
// tag, then sentences and a list.
func appendAnswer(dst []byte, k Key, t tag, size int) []byte {
	end := len(dst) + size
	dst = append(dst, "## ref-"...)
	dst = append(dst, t[:]...)
	dst = append(dst, "\n\n"...)
	x := k.word(2) | 1
	for n := 1; len(dst) < end; n++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		dst = append(dst, words[(x>>32)%uint64(len(words))]...)
		switch {
		case n%67 == 0:
			dst = append(dst, ".\n\n- "...)
		case n%13 == 0:
			dst = append(dst, ". "...)
		default:
			dst = append(dst, ' ')
		}
	}
	return append(dst, '.')
}

// appendVerdict appends a judge's reply.
func appendVerdict(dst []byte, v verdict, t tag, form judgeForm) []byte {
	switch {
	case v.alone > 0 && form == asJSON:
		return fmt.Appendf(dst, `{"analysis": "ref-%s: the answer holds %d.", "score": %d}`, t, v.first, v.alone)
	case v.alone > 0 && form == asText:
		return fmt.Appendf(dst, "Explanation: ref-%s, the answer holds %d.\n**Score:** %d/10", t, v.first, v.alone)
	case v.criteria > 0 && form != unreadable:
		dst = fmt.Appendf(dst, `{"analysis": "ref-%s: the first answer holds %d, the second %d."`, t, v.first, v.second)
		for i := range v.criteria {
			dst = fmt.Appendf(dst, `, "c%d_a": %d, "c%[1]d_b": %d`, i+1, v.scoreA, v.scoreB)
		}
		return append(dst, '}')
	case form == asRanking:
		return fmt.Appendf(dst, `ref-%s: {"score_1": %d, "score_2": %d, "ranking": %d}`, t, (v.scoreA+1)/2, (v.scoreB+1)/2, v.rank())
	case form == asJSON:
		return fmt.Appendf(dst, `{"analysis": "ref-%s: the first answer holds %d, the second %d.", `+
			`"score_a": %d, "score_b": %d, "verdict": "%s"}`, t, v.first, v.second, v.scoreA, v.scoreB, v.label)
	case form == asText:
		return fmt.Appendf(dst, "Explanation: ref-%s, the first answer holds %d, the second %d.\nScore-A: %d\nScore-B: %d\n\n[[%s]]",
			t, v.first, v.second, v.scoreA, v.scoreB, v.label)
	}
	return fmt.Appendf(dst, "ref-%s. Both answers have their merits and it would be hasty to name one.", t)
}

// appendJSON appends text as the inside of a JSON string. Texts of this package hold nothing else to escape.
func appendJSON(dst, text []byte) []byte {
	for _, c := range text {
		switch c {
		case '\n':
			dst = append(dst, '\\', 'n')
		case '"', '\\':
			dst = append(dst, '\\', c)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
