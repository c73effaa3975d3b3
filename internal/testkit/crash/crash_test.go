package crash

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// build compiles a program; without the race detector, since kills are about what is on disk.
func build(t *testing.T, pkg string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "program")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", binary, pkg).CombinedOutput(); err != nil {
		t.Fatalf("go build %s: %v\n%s", pkg, err, out)
	}
	return binary
}

// TestCrashLoop kills the program OPENARENA_CRASH times, 30 if unset: two arenas, one by `run`, one stage by stage.
func TestCrashLoop(t *testing.T) {
	kills := 30
	if n := os.Getenv("OPENARENA_CRASH"); n != "" {
		var err error
		if kills, err = strconv.Atoi(n); err != nil || kills < 1 {
			t.Fatalf("OPENARENA_CRASH=%s; want a whole number of kills", n)
		}
	}
	seed := uint64(1)
	if n := os.Getenv("OPENARENA_CRASH_SEED"); n != "" {
		var err error
		if seed, err = strconv.ParseUint(n, 10, 64); err != nil {
			t.Fatalf("OPENARENA_CRASH_SEED=%s; want a whole number", n)
		}
	}
	binary := build(t, "openarena/cmd/openarena")
	report, err := Run(t.Context(), Options{Binary: binary, Dir: t.TempDir(), Kills: kills, Seed: seed, Logf: t.Logf})
	t.Logf("seed %d: %s", seed, report)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations {
		t.Error(v)
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
	binary := build(t, "./testdata/fake")
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
