package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"openarena/pipeline"
	"openarena/providers"
)

const secretText = "a text of nobody's business"

// anyCall is a call that went well, of a contestant.
func anyCall() pipeline.Call {
	return pipeline.Call{
		Callee: pipeline.Callee{Model: "Alpha", ModelID: "alpha-1", Endpoint: "gpu", Kind: "openai", Host: "gpu.test", Port: 8000},
		Prompt: pipeline.Hash{0xab}, Answer: pipeline.AnswerKey{Contestant: pipeline.ID{1}, Sample: 2}, Attempt: 1,
		Request: &providers.Request{
			Model: "alpha-1", Messages: []providers.Message{{Role: "user", Content: secretText}},
			Params: map[string]any{"temperature": 0.5, "max_tokens": int64(64), "stop": []any{secretText}, "seed": int64(7)},
		},
		Took: 1500 * time.Millisecond, Waited: 250 * time.Millisecond,
		Reply: &providers.Reply{
			Text: secretText, Reasoning: secretText, Finish: providers.FinishStop, Model: "alpha-1-2026", RequestID: "r1",
			Usage: providers.Usage{Input: 10, Cached: 4, Output: 20, Reasoning: 5},
		},
	}
}

func judgeCall() pipeline.Call {
	c := anyCall()
	c.Model, c.Judge, c.Kind = "Judge", true, "gemini"
	c.Verdict = pipeline.VerdictKey{A: pipeline.Side{Contestant: pipeline.ID{1}}, B: pipeline.Side{Contestant: pipeline.ID{2}, Sample: 1}, Judge: pipeline.ID{9}, Order: 1}
	c.Request.Format = &providers.Format{Kind: "json_schema"}
	return c
}

func failedCall(err error) pipeline.Call {
	c := anyCall()
	c.Reply, c.Err, c.Attempt = nil, err, 3
	return c
}

// logged is what a log holds after act, line by line; no line holds a text.
func logged(t *testing.T, act func(*Log)) (lines []map[string]any) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "run.log")
	l, err := OpenLog(t.Context(), name, slog.String("service.name", "openarena"))
	if err != nil {
		t.Fatal(err)
	}
	act(l)
	if err := l.Close(time.Minute, slog.Int("process.exit.code", 0)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secretText) {
		t.Errorf("the log holds a text:\n%s", text)
	}
	for line := range strings.Lines(string(text)) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatalf("line %d is no JSON: %v", len(lines)+1, err)
		}
		lines = append(lines, m)
	}
	return lines
}

func TestLog(t *testing.T) {
	until := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	busy := &providers.Error{Class: providers.Overloaded, Reason: providers.ReasonRateLimit, Status: 429, After: time.Minute, Err: errors.New(secretText)}
	lines := logged(t, func(l *Log) {
		l.Called(anyCall())
		l.Called(judgeCall())
		l.Called(failedCall(busy))
		l.Called(failedCall(context.Canceled))
		l.Happened(pipeline.Event{What: pipeline.EventPaused, Endpoint: "gpu", Until: until, Reason: "rate_limit"})
		l.Happened(pipeline.Event{What: pipeline.EventStopped, Endpoint: "gpu", Model: "Alpha", Reason: "bad_key", Detail: "gpu: the key is refused"})
	})
	want := []map[string]any{
		{"msg": "run.started", "level": "INFO", "service.name": "openarena"},
		{
			"msg": "call", "level": "INFO", "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "alpha-1",
			"gen_ai.response.model": "alpha-1-2026", "gen_ai.response.id": "r1", "gen_ai.usage.input_tokens": 10.0, "gen_ai.usage.output_tokens": 20.0,
			"gen_ai.usage.cache_read.input_tokens": 4.0, "gen_ai.usage.reasoning.output_tokens": 5.0, "gen_ai.request.temperature": 0.5,
			"gen_ai.request.max_tokens": 64.0, "gen_ai.request.seed": 7.0, "server.address": "gpu.test", "server.port": 8000.0, "openarena.endpoint": "gpu",
			"openarena.model": "Alpha", "openarena.role": "contestant", "gen_ai.client.operation.duration": 1.5, "openarena.queue.duration": 0.25,
			"openarena.attempt": 1.0, "openarena.prompt": "ab" + strings.Repeat("0", 30), "openarena.contestant": "0100000000000000", "openarena.sample": 2.0,
			"error.type": nil, "gen_ai.output.type": nil,
		},
		{
			"msg": "call", "gen_ai.operation.name": "generate_content", "gen_ai.provider.name": "gcp.gemini", "openarena.role": "judge",
			"openarena.judge": "0900000000000000", "openarena.a": "0100000000000000", "openarena.b": "0200000000000000", "openarena.b.sample": 1.0,
			"openarena.order": 1.0, "gen_ai.output.type": "json", "openarena.contestant": nil,
		},
		{
			"msg": "call", "level": "WARN", "error.type": "rate_limit", "openarena.error.class": "overloaded", "http.response.status_code": 429.0,
			"openarena.error.retry_after": 60.0, "openarena.attempt": 3.0, "gen_ai.usage.input_tokens": nil,
		},
		{"msg": "call", "level": "WARN", "error.type": "canceled", "openarena.error.class": nil},
		{"msg": "endpoint.paused", "level": "INFO", "openarena.endpoint": "gpu", "error.type": "rate_limit", "openarena.until": "2030-01-02T03:04:05Z", "openarena.model": nil},
		{"msg": "model.stopped", "level": "ERROR", "openarena.model": "Alpha", "openarena.role": "contestant", "openarena.detail": "gpu: the key is refused"},
		{"msg": "run.ended", "process.exit.code": 0.0},
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines; want %d", len(lines), len(want))
	}
	for i, fields := range want {
		for key, value := range fields {
			if got := lines[i][key]; got != value && !(key == "gen_ai.response.finish_reasons") {
				t.Errorf("line %d: %s = %v; want %v", i+1, key, got, value)
			}
		}
	}
	if got := lines[1]["gen_ai.response.finish_reasons"].([]any); len(got) != 1 || got[0] != "stop" {
		t.Errorf("finish reasons are %v; want [stop]", got)
	}
}

// A log is continued, even behind half a line; what is no log is left alone; what cannot be written is told at once.
func TestOpenLog(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const begun = `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"run.started"}` + "\n"
	write("old.log", begun+`{"time":"2026-01-02T0`)
	write("arena.yaml", "models: []\n")
	write("prompts.jsonl", `{"prompt": "why?"}`+"\n")
	write("other.log", `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"something else"}`+"\n")
	write("empty.log", "")
	for _, c := range []struct {
		why, name string
		want      error // nil: opened
		text      string
	}{
		{"a new one", "new.log", nil, ""},
		{"an empty file", "empty.log", nil, ""},
		{"one that is continued behind half a line", "old.log", nil, begun + `{"time":"2026-01-02T0` + "\n"},
		{"an arena's file", "arena.yaml", ErrNotALog, "models: []\n"},
		{"prompts", "prompts.jsonl", ErrNotALog, `{"prompt": "why?"}` + "\n"},
		{"a log of another program", "other.log", ErrNotALog, `{"time":"2026-01-02T03:04:05Z","level":"INFO","msg":"something else"}` + "\n"},
		{"a folder that is not there", "none/run.log", fs.ErrNotExist, ""},
	} {
		l, err := OpenLog(t.Context(), at(c.name))
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: OpenLog() = %v; want %v", c.why, err, c.want)
		}
		if err == nil {
			if err := l.Close(time.Minute); err != nil {
				t.Error(err)
			}
		}
		text, _ := os.ReadFile(at(c.name)) // what is not there is ""
		if rest, ok := strings.CutPrefix(string(text), c.text); !ok || (err != nil) != (rest == "") || strings.Count(rest, "\n") != 2 && err == nil {
			t.Errorf("%s: the file is now\n%s", c.why, text)
		}
	}
	if _, err := OpenLog(t.Context(), dir); err == nil {
		t.Error("a folder was opened as a log")
	}
	if info, err := os.Stat(at("new.log")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("a new log has the mode %v, %v; want 0600", info.Mode(), err)
	}
}

// A disk that is full is told before anything is called.
func TestLogOnAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	if _, err := OpenLog(t.Context(), "/dev/full"); err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("OpenLog(/dev/full) = %v; want an error that says why", err)
	}
}

// stuck is a file that takes nothing until it is told to, and then fails if it is to.
type stuck struct {
	open chan struct{}
	fail error
}

func (s *stuck) Write(p []byte) (int, error) {
	<-s.open
	return len(p), s.fail
}

// Whoever is logged never waits, for a disk that takes nothing, or that is full; what is missing is told at the end.
func TestLogHoldsNobodyUp(t *testing.T) {
	full := errors.New("no space left on device")
	for _, c := range []struct {
		why  string
		fail error
		says string
	}{
		{"a disk that was too slow", nil, "lines are missing"},
		{"a disk that is full", full, "no space left on device; what came after is missing"},
	} {
		s := &stuck{make(chan struct{}), c.fail}
		q := newQueue(s)
		for range 3 * queued { // would wait for ever
			if n, err := q.Write([]byte("line\n")); n != 5 || err != nil {
				t.Fatalf("%s: Write() = %d, %v; want success, always", c.why, n, err)
			}
		}
		if err := q.close(0); err == nil || !strings.Contains(err.Error(), "nobody takes its lines") {
			t.Errorf("%s: close() by one in a hurry = %v", c.why, err)
		}
		close(s.open)
		if err := q.close(time.Minute); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: close() = %v; want %q", c.why, err, c.says)
		}
		if n, err := q.Write([]byte("late\n")); n != 5 || err != nil {
			t.Errorf("%s: Write() after the end = %d, %v", c.why, n, err)
		}
	}
}
