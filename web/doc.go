// Package web shows an arena in a browser: live, over the database or the run that has it open, and as one file. What pages
// show is what commands print. They change nothing, votes aside, and hold the database only while a page is made.
//
// A page is one file with a value of page and one line in pages; its template has its name.
package web
