package export

import (
	"fmt"
	"strings"
)

// EmptyError: there is no row to write, and a file that is there stays as it was.
type EmptyError struct{ Summary Summary }

func (e *EmptyError) Error() string {
	if e.Summary.Candidates == 0 {
		return "there is no row to write: no battle that the mode asks for was judged yet"
	}
	return fmt.Sprintf("no row is left of %d: %s", e.Summary.Candidates, e.Summary.Filtered())
}

// Filtered says how many rows each filter took; "" where none took any.
func (s Summary) Filtered() string {
	var parts []string
	for _, r := range s.Removed {
		parts = append(parts, fmt.Sprintf("%d by %s", r.Rows, r.Filter))
	}
	if len(parts) == 0 {
		return ""
	}
	return "left out " + strings.Join(parts, ", ")
}
