// Package page keeps generated parts of a written page up to date.
package page

import (
	"bytes"
	"fmt"
	"os"
)

// Replace puts text between the two lines that mark a generated part of the page at path: <!-- begin NAME --> and
// <!-- end NAME -->. The rest of the page is kept to the byte.
func Replace(path, name, text string) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	begin, end := fmt.Appendf(nil, "<!-- begin %s -->\n", name), fmt.Appendf(nil, "<!-- end %s -->\n", name)
	before, rest, ok := bytes.Cut(old, begin)
	_, after, ok2 := bytes.Cut(rest, end)
	if !ok || !ok2 {
		return fmt.Errorf("%s: the lines %q and %q are not there in this order; put them where the %s belong", path, begin, end, name)
	}
	return os.WriteFile(path, bytes.Join([][]byte{before, begin, []byte(text), end, after}, nil), 0o644)
}
