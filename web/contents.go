package web

import "openarena/pipeline"

// contents are what a report says of the run that it shows: counts, failures, cost.
var contents = page{name: "contents", title: "In this report", make: makeContents}

// inventory is how far an arena was when it was looked at.
type inventory struct {
	*pipeline.Status
	Unfinished bool // a run goes on, or would find work
}

func makeContents(v *visit) (any, error) {
	st, err := v.arena.Status(v, v.look, v.look.Live())
	if err != nil {
		return nil, err
	}
	return inventory{st, v.look.Live() || st.Generate.Pending+st.Judge.Pending > 0}, nil
}
