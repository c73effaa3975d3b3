// Package markdown shows texts that nobody vouches for: as HTML of a short list of elements and attributes, or as they are.
//
// What comes out is made here, element by element, from a parsed text: nothing of the text becomes an element, an attribute, a
// class or an id. HTML in it is shown as text, images become links, and links lead to the web or to a mailbox or are none.
// What would be obeyed rather than shown, such as marks that turn the direction of writing, is written out.
package markdown
