package pipeline

import "openarena/pipeline/dataset"

// mostExplained is of how many rows it is kept why they cannot be used; the others are counted.
const mostExplained = 10

// Rejected are the rows of a file that cannot be used.
type Rejected struct {
	Bad int      `json:"bad"`
	Why []string `json:"why,omitempty"` // of the first of them, each with its place
}

func (r *Rejected) add(row *dataset.RowError) {
	if r.Bad++; len(r.Why) < mostExplained {
		r.Why = append(r.Why, row.Error())
	}
}

// first is why the first one cannot be used; "" if there is none.
func (r *Rejected) first() string {
	if len(r.Why) == 0 {
		return ""
	}
	return r.Why[0]
}
