package telemetry

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"openarena/pipeline"
	"openarena/providers"
)

// Log writes a line for each call and each event.
type Log struct {
	file   *os.File
	queue  *queue
	logger *slog.Logger
	fixed  sync.Map // fixed to *slog.Logger: what is the same in many lines is encoded once
}

// fixed is what many lines have in common: a few values for each model.
type fixed struct {
	pipeline.Callee
	finish string // "": the call failed
}

var _ pipeline.Observer = (*Log)(nil)

// ErrNotALog: the file that a log would be added to is something else.
var ErrNotALog = errors.New("is there and is no log of openarena's")

// OpenLog opens a log to be continued, or makes one that only its owner reads, and writes a first line that says what begins:
// whoever cannot write is told before the run, not after. ctx ends the wait for a reader of a pipe.
func OpenLog(ctx context.Context, name string, began ...slog.Attr) (*Log, error) {
	f, err := openAppending(ctx, name)
	if err != nil {
		return nil, err
	}
	text := &bytes.Buffer{}
	if err := join(f, text); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	slog.New(slog.NewJSONHandler(text, nil)).LogAttrs(ctx, slog.LevelInfo, "run.started", began...)
	if _, err := f.Write(text.Bytes()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	q := newQueue(f)
	return &Log{file: f, queue: q, logger: slog.New(slog.NewJSONHandler(q, nil))}, nil
}

// openAppending opens a file, whose end of a pipe may take until somebody reads it.
func openAppending(ctx context.Context, name string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	came := make(chan opened, 1)
	go func() {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
		if err != nil { // a pipe or a device may be for writing only
			f, err = os.OpenFile(name, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
		}
		came <- opened{f, err}
	}()
	select {
	case o := <-came:
		return o.f, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("open %s: %w", name, ctx.Err())
	}
}

// join makes sure that a file may be added to: it is empty, or a log, and ends with a whole line. A newline that is missing is
// put into text.
func join(f *os.File, text io.Writer) error {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return err
	}
	first, err := bufio.NewReader(io.NewSectionReader(f, 0, 64<<10)).ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	var line struct {
		Time       time.Time `json:"time"`
		Level, Msg string
	}
	if json.Unmarshal(first, &line) != nil || line.Time.IsZero() || line.Level == "" || line.Msg != "run.started" {
		return fmt.Errorf("%w: nothing is added to it", ErrNotALog)
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' { // a run died here
		_, err = text.Write([]byte("\n"))
		return err
	}
	return nil
}

// Close writes the last line and what waits, and gives up after a while where nobody takes it. The error tells what is missing in
// the file; it is no reason to call a run a failure.
func (l *Log) Close(patience time.Duration, ended ...slog.Attr) error {
	l.logger.LogAttrs(context.Background(), slog.LevelInfo, "run.ended", ended...)
	err := l.queue.close(patience)
	if closing := l.file.Close(); err == nil && !errors.Is(closing, fs.ErrClosed) {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("the log %s is not whole: %w", l.file.Name(), err)
	}
	return nil
}

// Called implements pipeline.Observer.
func (l *Log) Called(c pipeline.Call) {
	level := slog.LevelInfo
	if c.Err != nil {
		level = slog.LevelWarn
	}
	attrs := appendWork(make([]slog.Attr, 0, 24), &c)
	attrs = appendParams(attrs, c.Request)
	f := fixed{Callee: c.Callee}
	if c.Reply != nil {
		f.finish = c.Reply.Finish
		attrs = appendReply(attrs, c.Reply)
	} else {
		attrs = appendFailure(attrs, &c)
	}
	l.with(f).LogAttrs(context.Background(), level, "call", attrs...)
}

func (l *Log) with(f fixed) *slog.Logger {
	if known, ok := l.fixed.Load(f); ok {
		return known.(*slog.Logger)
	}
	attrs := callee(f.Callee)
	if f.finish != "" {
		attrs = append(attrs, slog.Any("gen_ai.response.finish_reasons", []string{f.finish}))
	}
	known, _ := l.fixed.LoadOrStore(f, slog.New(l.logger.Handler().WithAttrs(attrs)))
	return known.(*slog.Logger)
}

// Happened implements pipeline.Observer.
func (l *Log) Happened(e pipeline.Event) {
	level := slog.LevelInfo
	if e.What == pipeline.EventStopped {
		level = slog.LevelError
	}
	attrs := make([]slog.Attr, 0, 8)
	for _, a := range []slog.Attr{
		slog.String("openarena.endpoint", e.Endpoint), slog.String("openarena.model", e.Model), slog.String("error.type", e.Reason), slog.String("openarena.detail", e.Detail),
	} {
		if a.Value.String() != "" {
			attrs = append(attrs, a)
		}
	}
	if e.Model != "" {
		attrs = append(attrs, slog.String("openarena.role", role(e.Judge)))
	}
	if !e.Until.IsZero() {
		attrs = append(attrs, slog.Time("openarena.until", e.Until))
	}
	l.logger.LogAttrs(context.Background(), level, e.What, attrs...)
}

func role(judge bool) string {
	if judge {
		return "judge"
	}
	return "contestant"
}

// callee says who was called, and where.
func callee(c pipeline.Callee) []slog.Attr {
	return []slog.Attr{
		slog.String("gen_ai.operation.name", operation(c.Kind)),
		slog.String("gen_ai.provider.name", provider(c.Kind)),
		slog.String("gen_ai.request.model", c.ModelID),
		slog.String("server.address", c.Host),
		slog.Int("server.port", c.Port),
		slog.String("openarena.endpoint", c.Endpoint),
		slog.String("openarena.model", c.Model),
		slog.String("openarena.role", role(c.Judge)),
	}
}

// appendWork says what for: the keys of the database, no texts.
func appendWork(to []slog.Attr, c *pipeline.Call) []slog.Attr {
	to = append(to,
		slog.Float64("gen_ai.client.operation.duration", c.Took.Seconds()),
		slog.Float64("openarena.queue.duration", c.Waited.Seconds()),
		slog.Int("openarena.attempt", c.Attempt),
		slog.String("openarena.prompt", c.Prompt.String()),
	)
	if !c.Judge {
		return append(to, slog.String("openarena.contestant", c.Answer.Contestant.String()), slog.Int("openarena.sample", int(c.Answer.Sample)))
	}
	v := c.Verdict
	return append(to,
		slog.String("openarena.judge", v.Judge.String()),
		slog.String("openarena.a", v.A.Contestant.String()), slog.Int("openarena.a.sample", int(v.A.Sample)),
		slog.String("openarena.b", v.B.Contestant.String()), slog.Int("openarena.b.sample", int(v.B.Sample)),
		slog.Int("openarena.order", int(v.Order)), slog.Int("openarena.repeat", int(v.Repeat)),
	)
}

// sent are the params that the conventions have an attribute for; what else a file passes through is its own matter.
var sent = []struct{ param, attribute string }{
	{"temperature", "gen_ai.request.temperature"}, {"top_p", "gen_ai.request.top_p"}, {"top_k", "gen_ai.request.top_k"},
	{"max_tokens", "gen_ai.request.max_tokens"}, {"max_completion_tokens", "gen_ai.request.max_tokens"}, {"seed", "gen_ai.request.seed"},
	{"frequency_penalty", "gen_ai.request.frequency_penalty"}, {"presence_penalty", "gen_ai.request.presence_penalty"},
}

func appendParams(to []slog.Attr, r *providers.Request) []slog.Attr {
	for _, s := range sent {
		switch v := r.Params[s.param].(type) {
		case int64:
			to = append(to, slog.Int64(s.attribute, v))
		case float64:
			to = append(to, slog.Float64(s.attribute, v))
		}
	}
	if r.Format != nil {
		to = append(to, slog.String("gen_ai.output.type", "json"))
	}
	return to
}

func appendReply(to []slog.Attr, r *providers.Reply) []slog.Attr {
	to = append(to,
		slog.Int64("gen_ai.usage.input_tokens", r.Usage.Input),
		slog.Int64("gen_ai.usage.output_tokens", r.Usage.Output),
	)
	if r.Model != "" {
		to = append(to, slog.String("gen_ai.response.model", r.Model))
	}
	if r.RequestID != "" {
		to = append(to, slog.String("gen_ai.response.id", r.RequestID))
	}
	if r.Usage.Cached > 0 {
		to = append(to, slog.Int64("gen_ai.usage.cache_read.input_tokens", r.Usage.Cached))
	}
	if r.Usage.Reasoning > 0 {
		to = append(to, slog.Int64("gen_ai.usage.reasoning.output_tokens", r.Usage.Reasoning))
	}
	if r.Usage.Cost != nil {
		to = append(to, slog.Float64("openarena.cost_usd", float64(*r.Usage.Cost)/1e9))
	}
	if r.Usage.Estimated {
		to = append(to, slog.Bool("openarena.usage.estimated", true))
	}
	return to
}

// appendFailure says why there is no reply, in the words of `openarena failures --reason`. What the server said is not repeated: it
// may quote the prompt.
func appendFailure(to []slog.Attr, c *pipeline.Call) []slog.Attr {
	e, ok := errors.AsType[*providers.Error](c.Err)
	if !ok {
		return append(to, slog.String("error.type", "canceled"))
	}
	to = append(to, slog.String("error.type", e.Reason), slog.String("openarena.error.class", e.Class.String()))
	if e.Status != 0 {
		to = append(to, slog.Int("http.response.status_code", e.Status))
	}
	if e.After > 0 {
		to = append(to, slog.Float64("openarena.error.retry_after", e.After.Seconds()))
	}
	return to
}
