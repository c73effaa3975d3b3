package configs

import (
	"strings"
	"testing"
)

func TestStore(t *testing.T) {
	for _, c := range []struct{ why, store, path, url, fault, warning string }{
		{"nothing said", "{}", "arena.db", "", "", ""},
		{"a file", "{path: x/y.db}", "x/y.db", "", "", ""},
		{"a server", `{url: "postgres://ann@db/arena"}`, "", "postgres://ann@db/arena", "", ""},
		{"the other scheme", `{url: "postgresql://db/arena?search_path=a"}`, "", "postgresql://db/arena?search_path=a", "", ""},
		{"a socket", `{url: "postgres:///arena?host=/run/postgresql"}`, "", "postgres:///arena?host=/run/postgresql", "", ""},
		{"a variable", `{url: "${STORE}"}`, "", storeVariable, "", ""},
		{"a variable in it", `{url: "postgres://ann:${PW}@db/arena"}`, "", "postgres://ann:CANARY-pw-0123@db/arena", "", ""},
		{"a password in the file", `{url: "postgres://ann:CANARY-0123@db/arena"}`, "", "postgres://ann:CANARY-0123@db/arena", "", "holds a password"},
		{"one in its query", `{url: "postgres://db/arena?user=ann&password=CANARY-0123"}`, "", "postgres://db/arena?user=ann&password=CANARY-0123", "", "holds a password"},
		{"both", `{path: a.db, url: "postgres://db/arena"}`, "", "", "keep one", ""},
		{"another server", `{url: "mysql://ann:CANARY-0123@db/arena"}`, "", "", "must begin with postgres://", ""},
		{"no server", `{url: arena.db}`, "", "", "must begin with postgres://", ""},
		{"nothing", `{url: ""}`, "", "", "url is empty", ""},
		{"an address as a path", `{path: "postgres://ann:CANARY-0123@db/arena"}`, "", "", "write url in place of path", ""},
		{"a password with a slash", `{url: "postgres://ann:CANARY-01/CANARY-02@db/arena"}`, "", "", "%2F for /", ""},
		{"a password with a space", `{url: "postgres://ann:CANARY 01 CANARY@db/arena"}`, "", "", "must be an address", ""},
		{"a port that is none", `{url: "postgres://ann:CANARY-01@db:x/arena"}`, "", "", "must be an address", ""},
	} {
		got, err := Parse("arena.yaml", arena("store: "+c.store+"\n"), storeEnvironment)
		said := ""
		if err != nil {
			said = err.Error()
		}
		if (err != nil) != (c.fault != "") || !strings.Contains(said, c.fault) || strings.Contains(said, "CANARY") {
			t.Errorf("%s: error %q; want one with %q", c.why, said, c.fault)
		}
		if err != nil {
			continue
		}
		if got.Store.Path != c.path || got.Store.URL.Reveal() != c.url || got.StorePath() != c.path {
			t.Errorf("%s: path %q at %q, url %q; want %q, %q", c.why, got.Store.Path, got.StorePath(), got.Store.URL.Reveal(), c.path, c.url)
		}
		warned := Problems(got.Warnings).Error()
		if (warned != "") != (c.warning != "") || !strings.Contains(warned, c.warning) || strings.Contains(warned, "CANARY") {
			t.Errorf("%s: warnings %q; want one with %q", c.why, warned, c.warning)
		}
	}
}

const storeVariable = "postgres://ann:CANARY-var-0123@db/arena"

func storeEnvironment(name string) (string, bool) {
	switch name {
	case "STORE":
		return storeVariable, true
	case "PW":
		return "CANARY-pw-0123", true
	}
	return "", false
}
