// Package attacks is a corpus of texts that would do something if a page showed them in a wrong way: as prompts, answers, names
// of models and judges, verdicts. It also says whether a page that holds them is still what it should be.
//
// What runs shows itself in one of three ways: a dialog (alert), a request to [Host], or the word [Word] as the title of the
// document, as a property of window or as a class of the root element.
package attacks

const (
	Host = "attacks.invalid" // where what runs would send to
	Word = "attacked"        // what what runs would leave behind
)

// Attack is one text.
type Attack struct {
	Name  string // of small letters, digits and dashes; unique
	Text  string
	Would string // what it would do if it worked
}

// All are those of every kind, in a fixed order.
func All() (all []Attack) {
	for _, kind := range [][]Attack{scripts, handlers, foreign, breakouts, addresses, markdown, templates, styles, clobbering, unicode, large()} {
		all = append(all, kind...)
	}
	return all
}

// Lines are those that are one line and not long: names can be so.
func Lines() (all []Attack) {
	for _, a := range All() {
		if len(a.Text) <= 200 && printable(a.Text) {
			all = append(all, a)
		}
	}
	return all
}

// printable reports whether a configuration may hold the text as a name.
func printable(text string) bool {
	for _, r := range text {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return false
		}
	}
	return true
}
