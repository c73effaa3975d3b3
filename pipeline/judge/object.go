package judge

import "strings"

// The keys of a reply, as written in the schema.
const (
	keyAnalysis = "analysis"
	keyScoreA   = "score_a"
	keyScoreB   = "score_b"
	keyVerdict  = "verdict"
	keyScore    = "score" // of the one answer there is; in other replies it is nothing of ours
)

// maxDepth is how deep values may nest in a reply's object. The objects asked for are flat.
const maxDepth = 16

// object is a JSON object at the top level of a text.
type object struct {
	start, end int
	complete   bool    // it has its closing brace
	ours       bool    // it has a key of ours, the value of which may be missing
	fields     []field // only those with a key of ours; a key may come twice
}

type field struct {
	key        string // one of the keys above
	kind       byte   // '"' string, '{' object, '[' array, '0' anything else
	start, end int    // of the value
	value      string // of a string, or the literal
}

// has says whether all of keys are there.
func (o object) has(keys ...string) bool {
	for _, key := range keys {
		if _, ok := o.field(key); !ok {
			return false
		}
	}
	return true
}

// field is the last one with that key: what a JSON reader would take.
func (o object) field(key string) (field, bool) {
	for i := len(o.fields) - 1; i >= 0; i-- {
		if o.fields[i].key == key {
			return o.fields[i], true
		}
	}
	return field{}, false
}

// level is the verdict in o; false if there is none on the menu.
func (o object) level(m menu) (int, bool) {
	f, ok := o.field(keyVerdict)
	if !ok || f.kind != '"' {
		return 0, false
	}
	return m.level(f.value)
}

// torn says whether one of keys comes twice with different values.
func (o object) torn(keys ...string) bool {
	for _, key := range keys {
		last, _ := o.field(key)
		for _, f := range o.fields {
			if f.key == key && f.value != last.value {
				return true
			}
		}
	}
	return false
}

// scanObjects finds the objects at the top level of s, however much prose and however many fences surround them. Commas before
// a closing bracket and line breaks in strings are forgiven. A broken object is kept if it has a key of ours; the
// search goes on where it broke, never inside of what was read, so that every byte is looked at once.
func scanObjects(s string, c Case) []object {
	var found []object
	p := scanner{s: s, alone: c.alone}
	for {
		i := strings.IndexByte(s[p.pos:], '{')
		if i < 0 {
			return found
		}
		p.pos += i
		o := object{start: p.pos}
		o.complete = p.object(1, &o)
		if p.pos == o.start {
			p.pos++
		}
		o.end = p.pos
		if o.complete || o.ours {
			found = append(found, o)
		}
	}
}

// known is the key of ours that a quoted key means, or "". Case and the sign between words do not matter.
func known(quoted string) string {
	var buf [16]byte
	bare := buf[:0]
	for _, c := range []byte(quoted) {
		if strings.IndexByte("_- \"", c) >= 0 {
			continue
		}
		if !isLetter(c) || len(bare) == len(buf) {
			return numbered(quoted)
		}
		bare = append(bare, c|0x20)
	}
	switch string(bare) {
	case "analysis":
		return keyAnalysis
	case "scorea":
		return keyScoreA
	case "scoreb":
		return keyScoreB
	case "verdict":
		return keyVerdict
	case "score":
		return keyScore
	case "ranking":
		return keyRanking
	}
	return ""
}
