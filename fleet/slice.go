package fleet

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"openarena/pipeline"
)

// soon is when a job whose worker failed is tried again.
type soon struct{}

// NextRetry implements river.ClientRetryPolicy.
func (soon) NextRetry(*rivertype.JobRow) time.Time { return time.Now().Add(time.Second) }

// slice is how long a part is worked on before others have their turn; not all end at once, so that slots stay full.
func (w *Worker) slice() time.Duration {
	return time.Duration(float64(w.Slice) * (0.8 + 0.4*rand.Float64()))
}

// partWorker works on parts for River.
type partWorker struct {
	river.WorkerDefaults[partArgs]
	session *session
}

// awhile is after how long something is looked at again that cannot go on now.
const awhile = 3 * time.Second

// Work implements river.Worker.
func (p *partWorker) Work(ctx context.Context, job *river.Job[partArgs]) error {
	defer p.session.hands.hold(job.ID)()
	err := p.session.workOn(ctx, job)
	if refused := denied(err); refused != nil { // tried again, it would be refused again
		p.session.stop(refused)
	}
	return err
}

// workOn works on a part for a slice.
func (s *session) workOn(ctx context.Context, job *river.Job[partArgs]) error {
	part, err := job.Args.part()
	if err != nil {
		return river.JobCancel(err)
	}
	looked, err := s.worker.Fleet.take(ctx, part, s.epoch.Number, s.worker.ID)
	if err != nil {
		return err
	}
	s.begun()
	slice, cancel := context.WithTimeout(ctx, s.worker.slice())
	r, err := s.part(slice, part)
	cancel()
	s.ended(r.Asked > 0)
	saving, cancel := lingering(context.WithoutCancel(ctx), s.worker.leave)
	defer cancel()
	if err != nil {
		s.worker.Fleet.drop(saving, part, s.worker.ID)
		return s.refused(err)
	}
	if err := s.worker.Fleet.tell(saving, part, s.epoch.Number, looked, r); err != nil {
		return err
	}
	switch {
	case r.Stopped != nil:
		s.gaveUp(job.Queue, r.Stopped)
		return river.JobSnooze(awhile)
	case r.Budget != nil:
		s.stop(fmt.Errorf("%w: %w", errBudget, r.Budget))
		return river.JobSnooze(awhile)
	case r.Left > 0:
		return river.JobSnooze(min(r.Rest, time.Minute))
	}
	return nil
}

// refused is what becomes of a job that could not be worked on.
func (s *session) refused(err error) error {
	switch {
	case s.stopping.Err() != nil, errors.Is(err, pipeline.ErrNotServing), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return river.JobSnooze(0)
	case errors.Is(err, pipeline.ErrNoPart): // of another configuration
		return river.JobCancel(err)
	}
	return err
}
