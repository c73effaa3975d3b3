package providers

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"openarena/internal/spelling"
)

const catalogueTimeout = 5 * time.Second

// catalogue answers which of a server's models was probably meant. It asks the server once for each unknown name, and
// only after a call has failed for it.
type catalogue struct {
	line  *line
	mu    sync.Mutex
	asked map[string]func() string
}

// hint is what the user can do about an unknown model: the nearest name, or what there is.
func (c *catalogue) hint(ctx context.Context, model string) string {
	c.mu.Lock()
	if c.asked == nil {
		c.asked = map[string]func() string{}
	}
	ask, ok := c.asked[model]
	if !ok {
		ask = sync.OnceValue(func() string { return c.advise(ctx, model) })
		c.asked[model] = ask
	}
	c.mu.Unlock()
	return ask()
}

func (c *catalogue) advise(ctx context.Context, model string) string {
	advice := "check model_id"
	names, _ := c.names(ctx) // without a list there is less to advise
	if best := nearest(model, names); best != "" {
		advice += ": did you mean " + quote(best) + "?"
	} else if len(names) > 0 {
		const shown = 5
		advice += ": the server has " + strings.Join(names[:min(shown, len(names))], ", ")
		if len(names) > shown {
			advice += " …"
		}
	}
	if c.line.ollama() {
		advice += "; or fetch it with: ollama pull " + model
	}
	return advice
}

// names lists the server's models. Its errors are *Error, or ctx's own.
func (c *catalogue) names(ctx context.Context) ([]string, error) {
	base, ok := strings.CutSuffix(c.line.url.Path, "/chat/completions")
	if !ok {
		return nil, c.line.fail(Error{Class: Rejected, Reason: ReasonInvalid}, "no list of models belongs to an address that does not end in /chat/completions")
	}
	inner, cancel := context.WithTimeout(ctx, catalogueTimeout)
	defer cancel()
	u := *c.line.url
	u.Path, u.RawPath = base+"/models", ""
	a, err := c.line.call(inner, http.MethodGet, &u, nil)
	if err != nil {
		if ctx.Err() == nil && inner.Err() != nil {
			return nil, c.line.fail(Error{Reason: ReasonTimeout}, "no list of models within %v", catalogueTimeout)
		}
		return nil, err
	}
	defer a.free()
	if a.status != http.StatusOK {
		return nil, c.line.refusal(a, a.status, c.line.said(a), nil)
	}
	return c.read(a)
}

func (c *catalogue) read(a *answer) ([]string, error) {
	var list struct {
		Data []struct {
			ID text `json:"id"`
		} `json:"data"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &list); err != nil {
		return nil, c.line.fail(Error{Reason: ReasonMalformed, Status: a.status}, "the list of models cannot be read: %v", err)
	}
	names := make([]string, 0, len(list.Data))
	for _, m := range list.Data {
		if m.ID != "" {
			names = append(names, cut(string(m.ID), 100))
		}
	}
	return names, nil
}

// nearest is the name most like want; "" if none is like it. A name that holds want, such as llama3:8b for llama3, is
// nearer than a misspelling; the owner before a slash and the tag after a colon may be left out.
func nearest(want string, names []string) string {
	best, least := "", max(2, len(want)/3)+1
	const longest = 200 // of a name; comparing takes time by its square
	low := cut(lower(want), longest)
	for _, name := range names {
		other := cut(lower(name), longest)
		short := other[strings.LastIndexByte(other, '/')+1:]
		bare, _, _ := strings.Cut(short, ":")
		d := min(spelling.Distance(low, other), spelling.Distance(low, short), spelling.Distance(low, bare))
		if len(low) > 2 && strings.Contains(other, low) {
			d = 0
		}
		if d < least || d == least && best != "" && len(name) < len(best) {
			best, least = name, d
		}
	}
	return best
}
