// Package secret keeps keys out of logs, errors, databases and dumps: a [String] prints as ***, whatever prints it.
package secret

import (
	"fmt"
	"unique"
)

const mask = "***"

// String is a secret. Every way to print, format or marshal it gives "***"; only [String.Reveal] gives the text.
// The zero value is the empty secret.
//
// The text lies behind a handle because fmt does not ask the methods of unexported fields: a struct that holds a String
// prints an address. Two Strings are equal (==) if their texts are.
type String struct{ text unique.Handle[string] }

var none unique.Handle[string]

// New returns text as a secret.
func New(text string) String {
	if text == "" {
		return String{}
	}
	return String{unique.Make(text)}
}

// Reveal returns the text, for the one place that sends it.
func (s String) Reveal() string {
	if s.Empty() {
		return ""
	}
	return s.text.Value()
}

// Empty reports whether there is no secret.
func (s String) Empty() bool { return s.text == none }

// String returns "***", or "" for the empty secret.
func (s String) String() string {
	if s.Empty() {
		return ""
	}
	return mask
}

// GoString is String, so that %#v is safe too.
func (s String) GoString() string { return s.String() }

// Format is String for every verb and flag.
func (s String) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText gives "***" to every encoder that knows text.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText takes the text as the secret.
func (s *String) UnmarshalText(text []byte) error {
	*s = New(string(text))
	return nil
}
