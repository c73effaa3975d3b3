package terminal

import (
	"math"
	"strings"
)

// The glyphs differ in shape, so that a bar can be read without colour.
const (
	barDone    = '━'
	barHalf    = '╸' // half of the next cell is done
	barFailed  = '╍'
	barPending = '─'
)

// bar returns cells glyphs for s: done, failed, to do. Only a complete stage fills it.
func bar(s Stage, cells int) string {
	behind := int(s.share() * float64(2*cells)) // in half cells
	failed := 0
	if s.Failed > 0 && s.Wanted > 0 {
		failed = int(min(float64(behind/2), math.Round(float64(s.Failed)/float64(s.Wanted)*float64(cells))))
	}
	done, half := behind/2-failed, behind%2
	return strings.Repeat(string(barDone), done) + strings.Repeat(string(barFailed), failed) +
		strings.Repeat(string(barHalf), half) + strings.Repeat(string(barPending), cells-done-failed-half)
}

// paintBar gives each glyph its colour. A bar with nothing pending is green.
func paintBar(p Palette) func(string) string {
	return func(text string) string {
		done := p.Cyan
		if !strings.ContainsRune(text, barPending) && !strings.ContainsRune(text, barHalf) {
			done = p.Green
		}
		var b strings.Builder
		for text != "" {
			end := len(text) - len(strings.TrimLeft(text, sameInk(text)))
			switch run := text[:end]; []rune(run)[0] {
			case barFailed:
				b.WriteString(p.Red(run))
			case barPending:
				b.WriteString(p.Dim(run))
			default:
				b.WriteString(done(run))
			}
			text = text[end:]
		}
		return b.String()
	}
}

// sameInk returns the glyphs that are painted like the first one of text.
func sameInk(text string) string {
	switch first := []rune(text)[0]; first {
	case barDone, barHalf:
		return string([]rune{barDone, barHalf})
	default:
		return string(first)
	}
}
