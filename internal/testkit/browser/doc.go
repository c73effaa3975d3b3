// Package browser has a real browser, Debian's Chromium without a window, look at real arenas: it fills the fields, presses
// the keys and follows the links of `openarena serve`, and opens what `openarena report` wrote. Whatever a page should not do
// fails the test: a word in the console, a break of its policy, a dialog, a request to somebody else.
//
// It is a module of its own, so that the program does not depend on what drives a browser.
package browser
