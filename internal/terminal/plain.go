package terminal

import (
	"io"
	"slices"
	"strings"
	"time"
)

// lines prints one line now and then, for pipes and CI: at the start, after every, when a stage ends, and at the end.
type lines struct {
	w     io.Writer
	every time.Duration

	printed  time.Time // zero: nothing yet
	text     string    // last printed, without the time
	complete map[string]bool
}

func (l *lines) show(s Snapshot) {
	ended := false
	for _, stage := range s.Stages {
		if stage.complete() && !l.complete[stage.Name] {
			ended = true
		}
	}
	if ended || time.Since(l.printed) >= l.every {
		l.print(s)
	}
}

func (l *lines) finish(s Snapshot) {
	if s = s.settled(); l.text != plainText(s) {
		l.print(s)
	}
}

func (l *lines) print(s Snapshot) {
	l.complete = make(map[string]bool)
	for _, stage := range s.Stages {
		l.complete[stage.Name] = stage.complete()
	}
	l.printed, l.text = time.Now(), plainText(s)
	l.write("[" + Duration(s.Elapsed.Truncate(time.Second)) + "] " + l.text + "\n")
}

// write ignores errors: a run does not fail because nobody reads along any more.
func (l *lines) write(text string) { _, _ = io.WriteString(l.w, text) }

// plainText is s on one line, without the time: stages, waiting endpoints, cost and tokens, message.
func plainText(s Snapshot) string {
	var parts []string
	for _, stage := range s.Stages {
		cells := stageCells(stage)
		words := slices.DeleteFunc(cells, func(cell string) bool { return cell == "" })
		parts = append(parts, strings.Join(words, " "))
	}
	for _, e := range s.Endpoints {
		if e.Note != "" {
			parts = append(parts, SanitizeLine(e.Name+" "+e.Note))
		}
	}
	parts = append(parts, spent(s)...)
	if s.Message != "" {
		parts = append(parts, SanitizeLine(s.Message))
	}
	return strings.Join(parts, separator)
}
