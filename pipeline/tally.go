package pipeline

// Tally is what a Runner has done so far: new answers, new judgments, and tasks that failed.
func (r *Runner) Tally() (answers, judgments, failed int64) {
	for _, c := range r.callees {
		failed += c.tally.failed.Load()
		if c.judging {
			judgments += c.tally.done.Load()
		} else {
			answers += c.tally.done.Load()
		}
	}
	return answers, judgments, failed
}
