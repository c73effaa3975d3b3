// Package tty runs programs on a pseudo-terminal, and finds in what they print what a terminal would obey.
package tty

import "errors"

// ErrNone is returned where no pseudo-terminal can be had. Tests skip then.
var ErrNone = errors.New("no pseudo-terminal can be had here")
