package providers

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// said is what a server says about a failure; if not in a form that is known, the beginning of what it sent.
func (l *line) said(a *answer) fault {
	if f, ok := readFault(a.body.Bytes()); ok {
		return f
	}
	if says, ok := page(a.body.Bytes()); ok {
		return fault{message: "a web page, " + quote(l.mask.excerpt(says)), page: true}
	}
	return fault{message: l.mask.excerpt(a.body.String())}
}

// refusal makes the error of a server that said no. status is what its words stand for, a.status what it sent; fields
// are those that the request could do without.
func (l *line) refusal(a *answer, status int, f fault, fields []string) *Error {
	e := complain(status, a.header, f, fields, time.Now()).sort()
	e.Status, e.Rates = a.status, readRates(a.header, time.Now())
	if e.Hint = l.hint(&e); f.page && e.Reason != ReasonTLS {
		e.Hint = cmp.Or(l.pageHint(status), e.Hint)
	}
	message := l.mask.excerpt(f.message)
	if message == "" {
		message = strings.ToLower(cmp.Or(http.StatusText(status), "no explanation"))
	}
	return l.fail(e, "%s", message)
}

// hint is what the user can do about e.
func (l *line) hint(e *Error) string {
	switch e.Reason {
	case ReasonTLS:
		return "write https:// in url: " + l.address() + " is encrypted"
	case ReasonBadKey:
		if e.Status == http.StatusProxyAuthRequired {
			return proxyKeyHint
		}
		if !l.hasKey {
			return "this server wants a key: set api_key"
		}
		return "check api_key, and that it may use this model"
	case ReasonQuota:
		return "add credit or raise the limit at the provider, then run again"
	case ReasonModel:
		return "check model_id"
	case ReasonNotFound:
		return "check the url: nothing is served at " + l.url.Path
	case ReasonContext:
		return "shorten the prompt, lower max_tokens or use a model with a larger context"
	case ReasonUnsupported:
		return "leave " + e.Param + " out for this model"
	}
	return ""
}
