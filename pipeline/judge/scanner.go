package judge

import "strings"

// scanner reads JSON at pos. Its methods return false at the first byte that cannot belong to it and leave pos there.
type scanner struct {
	s     string
	pos   int
	alone bool // one answer is judged, so that its score is a key of ours
}

// object reads an object; top collects the fields of the outermost one and is nil for the others.
func (p *scanner) object(depth int, top *object) bool {
	p.pos++ // {
	for {
		p.spaces()
		if p.take('}') {
			return true
		}
		key, ok := p.string()
		if p.spaces(); !ok || !p.take(':') {
			return false
		}
		p.spaces()
		f := field{key: known(key), start: p.pos}
		if f.key == keyScore && !p.alone {
			f.key = ""
		}
		if top != nil {
			top.ours = top.ours || f.key != ""
		}
		if f.kind, ok = p.value(depth); !ok {
			return false
		}
		if f.end = p.pos; top != nil && f.key != "" {
			f.value = p.s[f.start:f.end]
			if f.kind == '"' {
				f.value = unquote(f.value)
			}
			top.fields = append(top.fields, f)
		}
		if p.spaces(); !p.take(',') && !p.at('}') {
			return false
		}
	}
}

func (p *scanner) array(depth int) bool {
	p.pos++ // [
	for {
		p.spaces()
		if p.take(']') {
			return true
		}
		if _, ok := p.value(depth); !ok {
			return false
		}
		if p.spaces(); !p.take(',') && !p.at(']') {
			return false
		}
	}
}

func (p *scanner) value(depth int) (kind byte, ok bool) {
	switch {
	case p.at('"'):
		_, ok = p.string()
		return '"', ok
	case depth >= maxDepth:
		return 0, false
	case p.at('{'):
		return '{', p.object(depth+1, nil)
	case p.at('['):
		return '[', p.array(depth + 1)
	}
	start := p.pos
	for p.pos < len(p.s) && (isDigit(p.s[p.pos]) || isLetter(p.s[p.pos]) || strings.IndexByte("+-.", p.s[p.pos]) >= 0) {
		p.pos++
	}
	switch word := p.s[start:p.pos]; word {
	case "true", "false", "null":
		return '0', true
	default:
		_, ok := number(word)
		return '0', ok
	}
}

// string reads a string and returns it with its quotation marks.
func (p *scanner) string() (string, bool) {
	if !p.at('"') {
		return "", false
	}
	start := p.pos
	for p.pos++; ; p.pos++ {
		n := strings.IndexByte(p.s[p.pos:], '"')
		if n < 0 {
			p.pos = len(p.s)
			return "", false
		}
		first := p.pos
		p.pos += n
		escape := p.pos
		for escape > first && p.s[escape-1] == '\\' {
			escape--
		}
		if (p.pos-escape)%2 == 0 { // else the quotation mark is escaped
			p.pos++
			return p.s[start:p.pos], true
		}
	}
}

func (p *scanner) at(c byte) bool { return p.pos < len(p.s) && p.s[p.pos] == c }

func (p *scanner) take(c byte) bool {
	if !p.at(c) {
		return false
	}
	p.pos++
	return true
}

func (p *scanner) spaces() {
	for p.pos < len(p.s) && space(p.s[p.pos]) {
		p.pos++
	}
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
