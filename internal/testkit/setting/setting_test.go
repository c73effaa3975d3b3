package setting_test

import (
	"testing"
	"time"

	"openarena/internal/testkit/setting"
)

func TestSettings(t *testing.T) {
	t.Setenv("OPENARENA_SOME", "")
	if n, limit := setting.Number(t, "OPENARENA_SOME", 3), setting.Limit(t, "OPENARENA_SOME"); n != 3 || limit != 0 {
		t.Errorf("nothing set: %d, %v; want 3, 0s", n, limit)
	}
	t.Setenv("OPENARENA_SOME", "40")
	if n := setting.Number(t, "OPENARENA_SOME", 3); n != 40 {
		t.Errorf("40: %d", n)
	}
	t.Setenv("OPENARENA_SOME", "90s")
	if limit := setting.Limit(t, "OPENARENA_SOME"); limit != 90*time.Second {
		t.Errorf("90s: %v", limit)
	}
	for _, wrong := range []string{"0", "-1", "many"} {
		t.Setenv("OPENARENA_SOME", wrong)
		if !fails(func(t testing.TB) { setting.Number(t, "OPENARENA_SOME", 3) }) {
			t.Errorf("%s is taken for a number", wrong)
		}
		if !fails(func(t testing.TB) { setting.Limit(t, "OPENARENA_SOME") }) {
			t.Errorf("%s is taken for a duration", wrong)
		}
	}
}

// ending is a test that only notes its end.
type ending struct {
	testing.TB
	failed bool
}

func (e *ending) Helper()               {}
func (e *ending) Fatalf(string, ...any) { e.failed = true }

func fails(read func(testing.TB)) bool {
	e := &ending{}
	read(e)
	return e.failed
}
