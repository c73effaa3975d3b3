package judge

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// words are what is left of a reply once everything is gone that is not the judge's last word.
type words struct {
	text     string // without invisible characters and thinking
	own      string // text with everything the judge merely repeated overwritten by ~; as long as text, byte for byte
	objects  []object
	thought  string // the thinking taken out
	thinking bool   // the thinking has no end

	reply   string // as it was stored
	removed []span // the thinking, by its places in the visible reply
}

// ownWords makes a reply ready for reading. Positions in text and own are the same, so that a verdict is found in own and
// explained from text.
func ownWords(reply string, c Case) words {
	text := visible(reply)
	own := maskEchoes(text, c)
	objects := scanObjects(own, c)
	spans, open := thinking(own, objects)
	w := words{text: text, own: own, objects: objects, thinking: open, reply: reply, removed: spans}
	if len(spans) > 0 {
		w.thought = keep(text, spans)
		w.text, w.own = cut(text, spans), cut(own, spans)
		w.objects = scanObjects(w.own, c)
	}
	return w
}

// last is the last complete object that has all keys.
func (w words) last(keys ...string) (object, bool) {
	for i := len(w.objects) - 1; i >= 0; i-- {
		if o := w.objects[i]; o.complete && o.has(keys...) {
			return o, true
		}
	}
	return object{}, false
}

// analysis is the judge's analysis in o, as it was written.
func (w words) analysis(o object) string {
	f, ok := o.field(keyAnalysis)
	if !ok {
		return ""
	}
	written := w.written(f.start, f.end)
	if f.kind == '"' {
		return unquote(written)
	}
	return written
}

// before is what the judge wrote before a place in text, as it was written but for white space around it and a title.
func (w words) before(place int) string {
	said := untitled(w.text[:place])
	end := len(strings.TrimRightFunc(w.text[:place], unicode.IsSpace))
	return w.written(end-len(said), end)
}

// written is a part of text with the characters that are not to be seen, and with its own line ends.
func (w words) written(from, to int) string {
	if len(w.removed) == 0 && w.text == w.reply {
		return w.text[from:to]
	}
	var b strings.Builder
	removed := w.removed
	seen, at := 0, 0 // places in the visible reply, and in text
	for i, r := range w.reply {
		n := 0
		if !invisible(r) && !strings.HasPrefix(w.reply[i:], "\r\n") {
			n = utf8.RuneLen(r)
		}
		if len(removed) > 0 && seen >= removed[0].end {
			removed = removed[1:]
		}
		if thought := len(removed) > 0 && seen >= removed[0].start; !thought {
			if from <= at && at < to && (n > 0 || at > from) {
				b.WriteRune(r)
			}
			at += n
		}
		seen += n
	}
	return b.String()
}

// prose is w without objects: a label inside of one belongs to a reply of another form. A broken object has no end that
// could be trusted, so nothing after its beginning counts.
func (w words) prose() words {
	if w.allObjects() {
		w.own = ""
		return w
	}
	if len(w.objects) == 0 {
		return w
	}
	b := []byte(w.own)
	for _, o := range w.objects {
		end := o.end
		if !o.complete {
			end = len(b)
		}
		for i := o.start; i < end; i++ {
			if b[i] != '\n' {
				b[i] = ' '
			}
		}
		if !o.complete {
			break
		}
	}
	w.own = string(b)
	return w
}

// allObjects says whether there is nothing but objects and white space, as there is when a reply is in form.
func (w words) allObjects() bool {
	at := 0
	for _, o := range w.objects {
		if !o.complete || strings.TrimSpace(w.own[at:o.start]) != "" {
			return false
		}
		at = o.end
	}
	return strings.TrimSpace(w.own[at:]) == ""
}

// visible is s without characters that are there but not to be seen (NUL, byte order marks, zero-width and direction
// marks), which split words without anyone noticing, and with line feeds as line ends.
func visible(s string) string {
	if clean(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, s)
}

// clean says, quickly, that s is visible as it is. What it does not say may be so all the same.
func clean(s string) bool {
	if strings.IndexByte(s, 0) >= 0 || strings.IndexByte(s, '\r') >= 0 || !utf8.ValidString(s) {
		return false
	}
	for _, first := range [...]byte{0xC2, 0xE1, 0xE2, 0xEF, 0xF3} { // what invisible characters begin with
		for i := 0; ; i++ {
			n := strings.IndexByte(s[i:], first)
			if n < 0 {
				break
			}
			i += n
			if r, _ := utf8.DecodeRuneInString(s[i:]); invisible(r) {
				return false
			}
		}
	}
	return true
}

func invisible(r rune) bool {
	switch {
	case r == 0, r == 0xAD, r == 0x180E, r == 0xFEFF:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	}
	return r >= 0xE0000 && r <= 0xE007F // tags: letters that no font shows
}
