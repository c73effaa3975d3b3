package providers

import (
	"cmp"
	"context"
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
	line   *line
	speaks protocol
	kind   kind
	mu     sync.Mutex
	asked  map[string]func() string
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
	advice := cmp.Or(c.kind.hint, "check model_id")
	names, _ := c.names(ctx) // without a list there is less to advise
	if best := Nearest(model, names); best != "" {
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
	u := c.speaks.listing()
	if u == nil {
		return nil, c.line.fail(Error{Class: Rejected, Reason: ReasonInvalid}, "no list of models belongs to the address of this endpoint")
	}
	inner, cancel := context.WithTimeout(ctx, catalogueTimeout)
	defer cancel()
	a, err := c.line.call(inner, http.MethodGet, posted{url: u}, nil)
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
	names, err := c.speaks.names(a.body.Bytes())
	if err != nil {
		return nil, c.line.fail(Error{Reason: ReasonMalformed, Status: a.status}, "%v", err)
	}
	named := names[:0]
	for _, name := range names {
		if name != "" {
			named = append(named, cut(c.line.mask.hide(cut(name, 4<<10)), 100)) // a server may call a model by the key that it was sent
		}
	}
	return named, nil
}

// Nearest is the name most like want; "" if none is like it. A name that holds want, such as llama3:8b for llama3, is
// nearer than a misspelling; the owner before a slash and the tag after a colon may be left out.
func Nearest(want string, names []string) string {
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
