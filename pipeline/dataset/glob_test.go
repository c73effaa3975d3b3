package dataset

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What describes exports lies beside them, and is no prompts unless somebody names it.
func TestGlobBesideExports(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.json", "dataset_info.json", "openarena.json", "openarena.prompts-0123.txt", "b.txt"} {
		write(t, dir, name, "x")
	}
	for pattern, want := range map[string][]string{"*.json": {"a.json"}, "*": {"a.json", "b.txt"}, "dataset_info.json": {"dataset_info.json"}} {
		got, err := match(pattern, dir)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("match(%q): %v (-want +got):\n%s", pattern, err, diff)
		}
	}
}
