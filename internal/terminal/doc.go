// Package terminal is what people see: safe text, tables, numbers in words, and progress that redraws in place.
//
// Texts of models, their names and what servers say are hostile until proven otherwise: an escape sequence in an
// answer can rewrite the screen, the clipboard or the window title. [Sanitize] and [SanitizeLine] are the one sink for
// such text. [Table] and [Progress] pass everything they are given through them, so nothing needs to be cleaned twice.
//
// Nothing here decides what is shown, only how: the package imports none of ours.
package terminal
