package fleet

import "openarena/pipeline"

// Progress is the whole arena as this worker knows it; ok is false before it has begun.
func (w *Worker) Progress() (p pipeline.Progress, ok bool) {
	s := w.session.Load()
	if s == nil {
		return p, false
	}
	p = s.runner.Progress()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, stage := range []*pipeline.StageProgress{&p.Generate, &p.Judge} {
		stage.Wanted, stage.Done, stage.Failed = 0, 0, 0
	}
	for _, c := range w.counts {
		stage := &p.Generate
		if c.Judge {
			stage = &p.Judge
		}
		stage.Wanted, stage.Done, stage.Failed = stage.Wanted+c.Wanted, stage.Done+c.Done, stage.Failed+c.Failed
	}
	return p, true
}

// Failed is how much of the whole arena failed, as was counted last.
func (w *Worker) Failed() (n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.counts {
		n += c.Failed
	}
	return n
}

// Runner is the present one; nil before there is any.
func (w *Worker) Runner() *pipeline.Runner {
	if s := w.session.Load(); s != nil {
		return s.runner
	}
	return nil
}
