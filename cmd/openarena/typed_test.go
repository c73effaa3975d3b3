package main

import "testing"

func TestTyped(t *testing.T) {
	for _, test := range []struct {
		why  string
		args []string
		want string
	}{
		{"a program of the PATH goes by its name", []string{"openarena", "run"}, "openarena run"},
		{"one beside the arena goes by its path", []string{"bin/openarena", "run", "--limit", "3"}, "bin/openarena run --limit 3"},
		{"so does one here", []string{"./openarena", "run"}, "./openarena run"},
		{"words are quoted for a shell", []string{"/opt/open arena/openarena", "run", "--model", "it's", ""},
			`'/opt/open arena/openarena' run --model 'it'\''s' ''`},
		{"a store's URL goes without its password", []string{"openarena", "run", "--db", "postgres://ann:tell/no@body@db/a?x=1&password=nobody&y=2"},
			`openarena run --db 'postgres://ann:***@db/a?x=1&password=***&y=2'`},
		{"so does one behind an equals sign", []string{"openarena", "run", "--db=postgresql://ann:nobody@db/a"}, `openarena run '--db=postgresql://ann:***@db/a'`},
		{"one without stays", []string{"openarena", "run", "--db", "postgres://ann@db/a"}, `openarena run --db postgres://ann@db/a`},
	} {
		if got := typed(test.args...); got != test.want {
			t.Errorf("%s: typed(%q) = %s; want %s", test.why, test.args, got, test.want)
		}
	}
}
