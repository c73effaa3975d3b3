package main

import (
	"errors"
	"iter"
	"testing"

	"openarena/pipeline"
)

// failing yields n failures for each of two reasons, in turn, and then an error if there is one.
func failing(n int, err error) iter.Seq2[pipeline.Failure, error] {
	return func(yield func(pipeline.Failure, error) bool) {
		for i := range 2 * n {
			if !yield(pipeline.Failure{Reason: []string{"timeout", "content_filter"}[i%2]}, nil) {
				return
			}
		}
		if err != nil {
			yield(pipeline.Failure{}, err)
		}
	}
}

func TestListed(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		why         string
		all         iter.Seq2[pipeline.Failure, error]
		reason      string
		first, more int
		err         error
	}{
		{"nothing is nothing", failing(0, nil), "", 0, 0, nil},
		{"few are listed", failing(2, nil), "", 4, 0, nil},
		{"a reason chooses", failing(2, nil), "timeout", 2, 0, nil},
		{"as many as a table holds", failing(mostListed/2, nil), "", mostListed, 0, nil},
		{"what is beyond is counted", failing(mostListed, nil), "", mostListed, mostListed, nil},
		{"and only what was chosen", failing(mostListed+3, nil), "timeout", mostListed, 3, nil},
		{"an error is passed on whatever was chosen", failing(1, broken), "timeout", 0, 0, broken},
	} {
		first, more, err := listed(withReason(test.all, test.reason))
		if len(first) != test.first || more != test.more || !errors.Is(err, test.err) {
			t.Errorf("%s: listed = %d, %d more, %v; want %d, %d more, %v", test.why, len(first), more, err, test.first, test.more, test.err)
		}
	}
}
