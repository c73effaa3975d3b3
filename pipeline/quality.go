package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"openarena/pipeline/judge"
	"openarena/providers"
	"openarena/store"
)

// qualityWindow is how many first judgments decide whether a judge is worth going on with.
const qualityWindow = 50

// quality watches how many of a judge's first verdicts cannot be read, over all runs.
type quality struct {
	mu      sync.Mutex
	n       int
	invalid []seen
}

// seen is a verdict that could not be read.
type seen struct {
	key      VerdictKey
	reason   string
	attempts int
}

// recall counts the verdicts that the database has, up to the window, among the first so many of all; 0: among all. It returns
// an error when the judge should not be asked at all.
func (q *quality) recall(ctx context.Context, r store.Reader, a *Arena, j *Judge, among int) error {
	read := 0
	for rec, err := range r.Scan(ctx, store.Verdicts, store.Range{}, store.WithMeta) {
		if err != nil {
			return nil // the feeder meets the same error and ends the run
		}
		if read++; among > 0 && read > among {
			return nil
		}
		key, err := parseVerdictKey(rec.Key)
		if of := a.judge(key.Judge); err != nil || of == nil || of.Place != j.Place {
			continue
		}
		v, err := parseVerdict(rec.Meta)
		if err != nil {
			continue
		}
		if q.see(j, seen{key, v.Reason, int(v.Attempts)}, v.State == judge.Invalid) {
			return q.complaint(ctx, r, j)
		}
		if q.n == qualityWindow {
			return nil
		}
	}
	return nil
}

// recalledAtOnce is how many verdicts are read to learn what other workers found of a judge: dozens of each judge, unless it is
// one that is hardly asked.
const recalledAtOnce = 2048

// renew takes in what other workers have found of a judge, while its first verdicts are not there yet. The error is as of recall.
func (q *quality) renew(ctx context.Context, r store.Reader, a *Arena, j *Judge) error {
	q.mu.Lock()
	n := q.n
	q.mu.Unlock()
	if n >= qualityWindow {
		return nil
	}
	var known quality
	err := known.recall(ctx, r, a, j, recalledAtOnce)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n < known.n {
		q.n, q.invalid = known.n, known.invalid
	}
	return err
}

// see counts a verdict, unless it took no call: that says nothing of the judge. It returns true once: when the judge should
// stop.
func (q *quality) see(j *Judge, one seen, invalid bool) bool {
	if one.attempts == 0 {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.n >= qualityWindow {
		return false
	}
	q.n++
	if invalid {
		q.invalid = append(q.invalid, one)
	}
	return q.n == qualityWindow && float64(len(q.invalid)) > j.MaxInvalidRate*qualityWindow
}

// mostExamples is how many replies a complaint shows.
const mostExamples = 3

// complaint is why a judge stops: how many of its verdicts could not be read, and why; what it said, for instance; and what
// to change.
func (q *quality) complaint(ctx context.Context, r store.Reader, j *Judge) error {
	q.mu.Lock()
	all := slices.Clone(q.invalid)
	q.mu.Unlock()
	counts := map[string]int{}
	for _, one := range all {
		counts[one.reason]++
	}
	reasons := make([]string, 0, len(counts))
	for reason := range counts {
		reasons = append(reasons, reason)
	}
	slices.SortFunc(reasons, func(x, y string) int { return cmp.Or(counts[y]-counts[x], strings.Compare(x, y)) })
	slices.SortStableFunc(all, func(x, y seen) int { return slices.Index(reasons, x.reason) - slices.Index(reasons, y.reason) })
	var told, examples []string
	for _, reason := range reasons {
		told = append(told, fmt.Sprintf("%s %d", reason, counts[reason]))
	}
	for _, one := range all {
		if text := one.example(ctx, r, j); text != "" && len(examples) < mostExamples {
			examples = append(examples, text)
		}
	}
	text := fmt.Sprintf("%d of its first %d verdicts could not be read (%s)", len(all), qualityWindow, strings.Join(told, ", "))
	if len(examples) > 0 {
		text += "; it said, for instance: " + strings.Join(examples, " · ")
	}
	return fmt.Errorf("%s. %s. Or raise max_invalid_rate. Where the change makes no new judge of it, take these verdicts back with `openarena redo --judge %q`",
		text, j.remedy(reasons[0]), j.Name)
}

// example is the last reply to a judgment, as a message may show it; "" if there is none.
func (s seen) example(ctx context.Context, r store.Reader, j *Judge) string {
	if s.attempts == 0 {
		return ""
	}
	rec, err := r.Get(ctx, store.Judgments, s.key.attempt(uint8(s.attempts)), store.WithBody)
	if err != nil {
		return "" // what keeps the database from being read is told by whoever has to read it
	}
	said, err := parseReply(rec.Meta, rec.Body)
	if err != nil {
		return ""
	}
	const characters = 120
	shown := func(text string) string { return providers.Excerpt(address(j.Endpoint), text, characters) }
	switch {
	case said.Refusal != "":
		return fmt.Sprintf("(%s, refusing) «%s»", s.reason, shown(said.Refusal))
	case strings.TrimSpace(said.Text) != "":
		return fmt.Sprintf("(%s) «%s»", s.reason, shown(said.Text))
	case said.Reasoning != "":
		return fmt.Sprintf("(%s) nothing, after thinking «%s»", s.reason, shown(said.Reasoning))
	}
	return fmt.Sprintf("(%s) nothing at all", s.reason)
}

// remedy is what may help a judge that cannot be understood for a reason.
func (j *Judge) remedy(reason string) string {
	switch reason {
	case judge.Empty, judge.Truncated, judge.TruncatedReasoning, judge.NoFinal:
		return "It needs more room: raise params.max_tokens, to 16384 for a model that thinks; or have it think less, or write less with analysis: none"
	case judge.OutOfRange:
		return "Its scores leave the scale: try protocol: verdict5, which asks for none, or say the scale in its rubric"
	case judge.Refusal, judge.Filtered:
		return "It will not judge these texts: take another judge, or name one in judging.panel.replacements"
	case judge.NoLogprobs:
		return "Its server tells no logprobs: try protocol: verdict5"
	}
	if j.Template != "" {
		return "Its template may not show the form of the reply: put {{.Form}} into it, and try its replies with `openarena judge parse`"
	}
	if j.Structured != "json_schema" {
		return "It does not keep to the form: try structured: json_schema, a simpler protocol (verdict3), or another judge"
	}
	return "It does not keep to the form: try a simpler protocol (verdict3), or another judge"
}
