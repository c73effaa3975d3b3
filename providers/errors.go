package providers

import (
	"fmt"
	"time"
)

// Class says what may be done after a failed call.
type Class uint8

// The classes.
const (
	Temporary  Class = iota // the same request may work later: network, 5xx, a cut or malformed body
	Overloaded              // the server asks to come back later: 429, 529, 503 with Retry-After
	Refused                 // nothing will work for this key or model: 401, 403, quota, unknown model
	Rejected                // this request never will work, others may: prompt too long, invalid request
	// Unsupported is a Rejected request that names a field the server does not know; without it the call may work.
	Unsupported
)

func (c Class) String() string {
	switch c {
	case Temporary:
		return "temporary"
	case Overloaded:
		return "overloaded"
	case Refused:
		return "refused"
	case Rejected:
		return "rejected"
	case Unsupported:
		return "unsupported"
	}
	return fmt.Sprintf("class %d", uint8(c))
}

// Error is a failed call. Its text holds no header, no key and no control character.
type Error struct {
	Class    Class
	Reason   string        // a short stable word: "rate_limit", "context_length", "unknown_model", "bad_key", "timeout" …
	Status   int           // HTTP status; 0 if no answer came
	After    time.Duration // what the server asked us to wait; 0 if it did not
	Rates    Rates         // what the headers say of limits
	Param    string        // Unsupported: the field it named, such as "response_format"
	Endpoint string        // its name
	Hint     string        // what the user can do next; may be empty
	Err      error
}

func (e *Error) Error() string {
	s := e.Endpoint + ": "
	if e.Status != 0 {
		s += fmt.Sprintf("HTTP %d: ", e.Status)
	}
	s += e.Err.Error()
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }
