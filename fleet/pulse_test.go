package fleet

import (
	"errors"
	"testing"
	"time"
)

// TestOver: when a session ends by itself.
func TestOver(t *testing.T) {
	const epoch = 2
	for _, c := range []struct {
		why     string
		worker  *Worker
		look    Outlook
		session func(*session)
		want    error
	}{
		{"all is done", &Worker{Finish: true, Generate: true, Judge: true}, Outlook{Of: epoch, Whole: true, Parts: 3}, nil, ErrFinished},
		{"no part is open", &Worker{Finish: true, Generate: true, Judge: true}, Outlook{Of: epoch}, nil, ErrFinished},
		{"all was done an epoch ago", &Worker{Finish: true, Generate: true, Judge: true}, Outlook{Of: epoch - 1, Whole: true}, nil, nil},
		{"nobody who knew has planned", &Worker{Finish: true, Generate: true, Judge: true}, Outlook{Of: epoch, Whole: true}, func(s *session) { s.planned = false }, nil},
		{"answers are done, and judgments are wanted", &Worker{Finish: true, Generate: true, Judge: true}, Outlook{Of: epoch, Answers: true, Parts: 3}, nil, nil},
		{"answers are done, and only they are wanted", &Worker{Finish: true, Generate: true}, Outlook{Of: epoch, Answers: true, Parts: 3}, nil, ErrFinished},
		{"judgments are done, and only they are wanted", &Worker{Finish: true, Judge: true}, Outlook{Of: epoch, Verdicts: true, Parts: 3}, nil, ErrFinished},
		{"a worker that stays", &Worker{Generate: true, Judge: true}, Outlook{Of: epoch, Whole: true}, nil, nil},
		{"a worker that ends when idle", &Worker{Generate: true, Judge: true, Idle: time.Hour}, Outlook{Of: epoch, Whole: true}, nil, ErrFinished},
		{"nothing to do for long", &Worker{Idle: time.Minute}, Outlook{Of: epoch, Parts: 3}, func(s *session) { s.since = time.Now().Add(-time.Hour) }, ErrIdle},
		{"nothing new for long, and a part at work", &Worker{Idle: time.Minute}, Outlook{Of: epoch, Parts: 3}, func(s *session) { s.since, s.parts = time.Now().Add(-time.Hour), 1 }, nil},
		{"every model was given up", &Worker{}, Outlook{Of: epoch, Parts: 3}, func(s *session) { clear(s.queues) }, ErrNothingLeft},
		{"every model was given up, and others may finish", &Worker{Finish: true}, Outlook{Of: epoch, Parts: 3}, func(s *session) { clear(s.queues) }, nil},
	} {
		s := &session{worker: c.worker, epoch: Epoch{Number: epoch}, queues: map[string]string{"q": "A"}, all: []string{"q"}, planned: true, since: time.Now()}
		if c.session != nil {
			c.session(s)
		}
		if got := c.worker.over(s, c.look); !errors.Is(got, c.want) || got != nil && c.want == nil {
			t.Errorf("%s: over = %v; want %v", c.why, got, c.want)
		}
	}
}
