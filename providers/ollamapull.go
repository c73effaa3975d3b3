package providers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// Pulled is how far a pull has come, in bytes. Total grows while parts of the model turn up.
type Pulled struct {
	Status           string // the server's words
	Completed, Total int64
}

const (
	// pullPatience is how long a pull may bring no news. The whole of it takes as long as it takes.
	pullPatience = time.Minute
	// checkSpeed is bytes a second, at least, at which a server checks what it fetched; it says nothing meanwhile.
	checkSpeed = 20 << 20
	// pullTries is how often in a row a pull may end early without having brought anything.
	pullTries = 6
)

// Pull has the server fetch a model from its registry, and tells how it goes after every line. It returns nil when the
// server says that it has the model. A pull that is cut off, falls silent or fails for a reason that may pass is taken up
// again, where the server goes on with what it has; so does the next Pull after ctx ended this one.
func (o *Ollama) Pull(ctx context.Context, model string, tell func(Pulled)) error {
	p := puller{server: o, model: model, tell: tell}
	for fruitless := 0; ; {
		before := p.best
		err := p.once(ctx)
		if err == nil || ctx.Err() != nil {
			return err
		}
		if p.best > before {
			fruitless = 0
		}
		fruitless++
		failed, ok := errors.AsType[*Error](err)
		if !ok || failed.Class != Temporary && failed.Class != Overloaded || fruitless >= pullTries {
			return err
		}
		select {
		case <-time.After(Backoff(fruitless, failed.After)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// puller is one pull with all its tries.
type puller struct {
	server *Ollama
	model  string
	tell   func(Pulled)
	best   int64 // bytes that were there at most
}

// once asks for the model, and reads along until it is there.
func (p *puller) once(ctx context.Context) error {
	l := p.server.line
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(pullPatience, func() { cancel(errSilent) })
	defer silence.Stop()

	body, _ := json.Marshal(map[string]any{ // cannot fail
		"model": p.model, "stream": true,
		"insecure": strings.HasPrefix(p.model, "http://"), // a registry without encryption must be asked for as one
	})
	req, err := l.request(inner, http.MethodPost, posted{url: ollamaPath(l.url, "pull"), body: body})
	if err != nil {
		return l.fail(Error{Class: Rejected, Reason: ReasonInvalid}, "the request cannot be built")
	}
	resp, err := l.http.Do(req)
	if err != nil {
		return p.lost(ctx, inner, err, 0)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return l.redirected(resp)
	}
	if resp.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(resp.Body, maxPooled)) // half an explanation is one, too
		return p.refused(resp.StatusCode, said)
	}
	layers := layers{}
	err = jsonLines(resp.Body, func(line []byte) (bool, error) {
		news, err := layers.read(line)
		if err != nil {
			return false, err
		}
		if news {
			silence.Reset(pullPatience + layers.checking())
			p.best = max(p.best, layers.now.Completed)
			p.tell(layers.now)
		}
		return !layers.done && layers.failed == nil, nil
	})
	switch {
	case layers.failed != nil:
		return p.refused(resp.StatusCode, layers.failed)
	case layers.done:
		return nil
	case err == nil:
		err = io.ErrUnexpectedEOF
	}
	return p.lost(ctx, inner, err, resp.StatusCode)
}

func (p *puller) lost(ctx, inner context.Context, err error, status int) error {
	if errors.Is(context.Cause(inner), errSilent) && ctx.Err() == nil {
		return p.server.line.fail(Error{Reason: ReasonIdle, Status: status, Hint: "check the server's way to its registry"},
			"pulling %s brought nothing new for %v", quote(p.model), pullPatience)
	}
	return p.server.line.lost(ctx, inner, err, status)
}

// refused makes the error of a server that cannot pull. What a person has to mend first is for good.
func (p *puller) refused(status int, body []byte) error {
	l := p.server.line
	f, ok := readFault(body)
	if !ok {
		f.message = l.mask.excerpt(string(body))
	}
	e := Error{Class: Temporary, Reason: ReasonPull, Status: status}
	words := strings.ToLower(f.message)
	switch {
	case containsAny(words, "file does not exist", "manifest unknown", "invalid model name", "not found"):
		e.Class, e.Reason, e.Hint = Refused, ReasonModel, "check model_id: its registry has no such model"
	case containsAny(words, "no space left"):
		e.Class, e.Hint = Refused, "make room on the server's disk"
	case containsAny(words, "newer version of ollama"):
		e.Class, e.Hint = Refused, "update Ollama"
	case containsAny(words, "insecure protocol", "unauthorized", "permission denied", "access denied"), status == 401, status == 403, status == 400:
		e.Class = Refused
	case status == http.StatusNotFound:
		e.Class, e.Hint = Refused, "nothing there pulls models: is it an Ollama server?"
	}
	return l.fail(e, "pulling %s: %s", quote(p.model), l.mask.excerpt(f.message))
}

// layers sums up the lines of a pull.
type layers struct {
	by     map[string]Pulled // by digest
	now    Pulled
	done   bool
	failed []byte // the line that says so, in a reply that began as a success
}

// read takes a line. news: it says something that those before it did not.
func (y *layers) read(line []byte) (news bool, err error) {
	var said struct {
		Status    text            `json:"status"`
		Digest    string          `json:"digest"`
		Total     count           `json:"total"`
		Completed count           `json:"completed"`
		Error     json.RawMessage `json:"error"`
	}
	if err := json.Unmarshal(line, &said); err != nil {
		return false, err
	}
	if present(said.Error) {
		y.failed = append([]byte(nil), line...)
		return true, nil
	}
	before := y.now
	y.now.Status = cut(escape(string(said.Status)), 100)
	y.done = said.Status == "success"
	if said.Digest != "" {
		if y.by == nil {
			y.by = map[string]Pulled{}
		}
		was := y.by[said.Digest]
		now := Pulled{Completed: max(was.Completed, int64(said.Completed)), Total: max(was.Total, int64(said.Total))}
		y.by[said.Digest] = now
		y.now.Completed += now.Completed - was.Completed
		y.now.Total += now.Total - was.Total
	}
	return y.now != before || y.done, nil
}

// checking is how long the server may be busy with what it has fetched, without a word.
func (y *layers) checking() time.Duration {
	if strings.HasPrefix(y.now.Status, "pulling") {
		return 0
	}
	return time.Duration(y.now.Total/checkSpeed) * time.Second
}
