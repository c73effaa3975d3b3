package crash

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"openarena/internal/testkit/setting"
)

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "openarena-crash-*")
	if err != nil {
		panic(err)
	}
	program = sync.OnceValues(func() (string, error) { return compile(folder, "openarena/cmd/openarena") })
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(folder) // a folder of /tmp
		os.Exit(code)
	}))
}

// program is the real one, compiled for the first test that kills it.
var program func() (string, error)

// openarena returns the real program.
func openarena(t *testing.T) string {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// compile makes a program; without the race detector, since kills are about what is on disk.
func compile(folder, pkg string) (string, error) {
	binary := filepath.Join(folder, "program")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", binary, pkg).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return binary, nil
}

// TestCrashLoop kills the program OPENARENA_CRASH times, or until OPENARENA_CRASH_TIME is over; 30 times if unset: two arenas,
// one by `run`, one stage by stage.
func TestCrashLoop(t *testing.T) {
	kills, seed := setting.Number(t, "OPENARENA_CRASH", 30), uint64(setting.Number(t, "OPENARENA_CRASH_SEED", 1))
	limit := setting.Limit(t, "OPENARENA_CRASH_TIME")
	binary := openarena(t)
	report, err := Run(t.Context(), Options{Binary: binary, Dir: t.TempDir(), Kills: kills, For: limit, Seed: seed, Logf: t.Logf})
	t.Logf("seed %d: %s", seed, report)
	t.Attr("figure", fmt.Sprintf("%d kills, %d promises broken", report.Kills, len(report.Violations)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations {
		t.Error(v)
	}
}

// TestServedTwice measures what a kill costs where much is in flight: 3 kills, or 20 where OPENARENA_CRASH asks for so many.
// How much it is depends on the disk; that it is bounded does not.
func TestServedTwice(t *testing.T) {
	kills := min(20, setting.Number(t, "OPENARENA_CRASH", 3))
	binary := openarena(t)
	got, err := ServedTwice(t.Context(), Options{Binary: binary, Dir: t.TempDir(), Kills: kills, Seed: 1, Logf: t.Logf})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(got)
	t.Attr("figure", got.String())
	if got.PerKill() > float64(got.Most) {
		t.Errorf("%v; at most %d may be", got, got.Most)
	}
}

// TestHarnessCatches runs the loop over a fake program with one planted bug after the other: a harness that cannot fail
// proves nothing.
func TestHarnessCatches(t *testing.T) {
	tests := []struct {
		bug    string
		kills  int
		breaks string // the promises of which at least one must be reported broken; "": none may be
		why    string
	}{
		{"none", 10, "", "a program that appends and syncs each reply keeps all promises"},
		{"forget", 10, "I1", "rating empties the database"},
		{"repeat", 10, "I2", "committed work is asked for again at each start"},
		{"no word", 10, "I2", "status says that no call was lost"},
		{"miscount", 10, "I3", "status leaves one record out"},
		{"arrival order", 10, "I4", "records are dumped as they came in"},
		{"late commit", 10, "I2 I5", "everything is committed at the end"},
		{"half file", 24, "I6", "an export is written in place, slowly"},
		{"reader writes", 10, "I7", "status notes that it was asked"},
		{"twice", 10, "I8", "a judgment is exported two times"},
		{"tidy", 10, "I9", "texts are trimmed before they are kept"},
	}
	binary, err := compile(t.TempDir(), "./testdata/fake")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.bug, func(t *testing.T) {
			t.Setenv("OPENARENA_CRASH_FAKE", tt.bug)
			report, err := Run(t.Context(), Options{Binary: binary, Dir: t.TempDir(), Kills: tt.kills, Seed: 7, Logf: t.Logf})
			if err != nil {
				t.Fatal(err)
			}
			var broken []string
			for _, v := range report.Violations {
				broken = append(broken, v[:2])
			}
			if tt.breaks == "" && len(broken) > 0 {
				t.Errorf("%s; reported: %v", tt.why, report.Violations)
			}
			for _, promise := range strings.Fields(tt.breaks) {
				if strings.Contains(strings.Join(broken, " "), promise) {
					return
				}
			}
			if tt.breaks != "" {
				t.Errorf("%s; want a violation of %s, reported: %v", tt.why, tt.breaks, report.Violations)
			}
		})
	}
}
