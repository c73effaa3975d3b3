package simulated

import (
	"container/heap"
	"sync"
	"time"
)

// Shared is a server that refuses nobody: above so many calls at once all of them get slower, in equal shares, as those of a
// local server do.
type Shared struct {
	mu    sync.Mutex
	slots int
	done  time.Duration // work that each open call has got since the beginning
	at    time.Time     // when done was right
	jobs  jobs
	timer *time.Timer
}

// NewShared returns a server that is at full speed up to so many calls at once.
func NewShared(slots int) *Shared { return &Shared{slots: slots, at: time.Now()} }

// job is a call that is answered when done reaches its end.
type job struct {
	end   time.Duration
	ready chan struct{}
}

// jobs is a heap, the first to end in front.
type jobs []job

func (j jobs) Len() int           { return len(j) }
func (j jobs) Less(a, b int) bool { return j[a].end < j[b].end }
func (j jobs) Swap(a, b int)      { j[a], j[b] = j[b], j[a] }
func (j *jobs) Push(x any)        { *j = append(*j, x.(job)) }
func (j *jobs) Pop() any {
	last := (*j)[len(*j)-1]
	*j = (*j)[:len(*j)-1]
	return last
}

// Serve implements Server.
func (s *Shared) Serve(work time.Duration) bool {
	s.mu.Lock()
	s.advance()
	j := job{s.done + work, make(chan struct{})}
	heap.Push(&s.jobs, j)
	s.plan()
	s.mu.Unlock()
	<-j.ready
	return true
}

// speed is what share of an idle server's speed each call gets.
func (s *Shared) speed() float64 { return min(1, float64(s.slots)/float64(max(1, len(s.jobs)))) }

func (s *Shared) advance() {
	now := time.Now()
	s.done += time.Duration(float64(now.Sub(s.at)) * s.speed())
	s.at = now
}

// plan wakes the next call when it is done.
func (s *Shared) plan() {
	if len(s.jobs) == 0 {
		return
	}
	wait := time.Duration(float64(s.jobs[0].end-s.done)/s.speed()) + 1
	if s.timer == nil {
		s.timer = time.AfterFunc(wait, s.tick)
		return
	}
	s.timer.Reset(wait)
}

func (s *Shared) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	for len(s.jobs) > 0 && s.jobs[0].end <= s.done {
		close(heap.Pop(&s.jobs).(job).ready)
	}
	s.plan()
}
