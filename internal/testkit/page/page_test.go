package page

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	for _, test := range []struct{ name, old, want string }{
		{"the marked part is exchanged", "a\n<!-- begin rows -->\nold\n<!-- end rows -->\nb\n", "a\n<!-- begin rows -->\nnew\n<!-- end rows -->\nb\n"},
		{"an empty part is filled", "<!-- begin rows -->\n<!-- end rows -->\n", "<!-- begin rows -->\nnew\n<!-- end rows -->\n"},
		{"other parts stay", "<!-- begin x -->\n1\n<!-- end x -->\n<!-- begin rows -->\n<!-- end rows -->\n", "<!-- begin x -->\n1\n<!-- end x -->\n<!-- begin rows -->\nnew\n<!-- end rows -->\n"},
		{"no marks: nothing is written", "a\n", ""},
		{"marks in the wrong order", "<!-- end rows -->\n<!-- begin rows -->\n", ""},
	} {
		if err := os.WriteFile(path, []byte(test.old), 0o600); err != nil {
			t.Fatal(err)
		}
		err := Replace(path, "rows", "new\n")
		got, readErr := os.ReadFile(path)
		if readErr != nil {
			t.Fatal(readErr)
		}
		want := test.want
		if want == "" {
			want = test.old
		}
		if string(got) != want || (err != nil) != (test.want == "") {
			t.Errorf("%s: page is %q, error %v; want %q", test.name, got, err, want)
		}
	}
}
