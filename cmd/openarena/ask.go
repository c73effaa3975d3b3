package main

import (
	"bufio"
	"fmt"
	"strings"

	"openarena/internal/terminal"
)

// asker asks who sits at the terminal; nil where stdin is none: then nobody is there.
func (w *work) asker() func(question string) bool {
	if !terminal.IsTerminal(w.in) {
		return nil
	}
	return func(question string) bool {
		fmt.Fprintf(w.err, "%s [y/N] ", terminal.SanitizeLine(question))
		said := make(chan string, 1)
		go func() { // it is left to itself when a signal comes first, and the program then ends
			line, _ := bufio.NewReader(w.in).ReadString('\n') // no answer is a no
			said <- strings.ToLower(strings.TrimSpace(line))
		}()
		select {
		case answer := <-said:
			return answer == "y" || answer == "yes"
		case <-w.signals.soft.Done():
			fmt.Fprintln(w.err)
			return false
		}
	}
}
