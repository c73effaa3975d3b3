package tree

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/goccy/go-yaml/scanner"
	"github.com/goccy/go-yaml/token"
)

const (
	copied      = 4 << 20 // bytes that the scanner may copy for the sake of empty lines, about
	fewestEmpty = 16      // empty lines in a row that are always allowed
)

// scan cuts a source into tokens. It looks for what would make parsing slow or would pass in silence: a source too long,
// text that is not UTF-8, control characters, nesting without end. ok is false where a fault was noted.
func scan(src []byte, faults *Faults) (tokens token.Tokens, ok bool) {
	if len(src) > MaxBytes {
		faults.Add(Mark{1, 1}, "the file has %d bytes, at most %d are read; put prompts and templates into files of their own", len(src), MaxBytes)
		return nil, false
	}
	if !readable(src, faults) || !dense(src, faults) {
		return nil, false
	}
	var s scanner.Scanner
	s.Init(string(src))
	for {
		more, err := s.Scan()
		if errors.Is(err, io.EOF) {
			break
		}
		tokens.Add(more...)
		if len(tokens) > MaxTokens {
			faults.Add(place(tokens[len(tokens)-1]), "the file says more than %d things; put prompts and templates into files of their own", MaxTokens)
			return nil, false
		}
	}
	return tokens, shallow(tokens, faults)
}

// readable checks that a source is text: UTF-8 without control characters.
func readable(src []byte, faults *Faults) bool {
	at := Mark{1, 1}
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			faults.Add(at, "byte 0x%02X is not UTF-8: save the file as UTF-8", src[i])
			return false
		case r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7F:
			faults.Add(at, `control character U+%04X: remove it, or write it as "\x%02X" in double quotes`, r, r)
			return false
		case r == '\n':
			at = Mark{at.Line + 1, 1}
		default:
			at.Col++
		}
		i += size
	}
	return true
}

// dense bounds the runs of empty lines: the scanner takes those at the end of a block off one by one, and copies the
// block each time.
func dense(src []byte, faults *Faults) bool {
	most := max(fewestEmpty, copied/max(len(src), 1))
	line, empty := 0, 0
	for text := range bytes.Lines(src) {
		line++
		if len(bytes.TrimSpace(text)) > 0 {
			empty = 0
			continue
		}
		if empty++; empty > most {
			faults.Add(Mark{line, 1}, "%d empty lines stand here in a row: remove them", empty)
			return false
		}
	}
	return true
}

// shallow bounds the depth before the parser recurses, which takes time quadratic in it. Each column at which a key or a
// list entry begins is one level, and so is each open bracket.
func shallow(tokens token.Tokens, faults *Faults) bool {
	var columns []int
	brackets := 0
	for _, tk := range tokens {
		at := tk
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			brackets++
		case token.SequenceEndType, token.MappingEndType:
			brackets = max(brackets-1, 0)
		case token.MappingValueType:
			if tk.Prev != nil {
				at = tk.Prev
			}
			fallthrough
		case token.SequenceEntryType, token.MappingKeyType:
			if brackets > 0 {
				break
			}
			for len(columns) > 0 && columns[len(columns)-1] >= at.Position.Column {
				columns = columns[:len(columns)-1]
			}
			columns = append(columns, at.Position.Column)
		}
		if len(columns)+brackets > MaxDepth {
			faults.Add(place(tk), "nested more than %d deep: nothing in an arena is", MaxDepth)
			return false
		}
	}
	return true
}

func place(tk *token.Token) Mark {
	if tk == nil || tk.Position == nil {
		return Mark{1, 1}
	}
	return Mark{max(tk.Position.Line, 1), max(tk.Position.Column, 1)}
}
