//go:build unix

package crash

import (
	"fmt"
	"os"
	"testing"

	"openarena/internal/testkit/pgtest"
	"openarena/internal/testkit/setting"
)

// TestPGFleet kills workers, runs and the server OPENARENA_CRASH_PG times, or until OPENARENA_CRASH_TIME is over; 6 times if unset.
func TestPGFleet(t *testing.T) {
	server := pgtest.Start(t)
	kills, seed := setting.Number(t, "OPENARENA_CRASH_PG", 6), uint64(setting.Number(t, "OPENARENA_CRASH_SEED", 1))
	binary := openarena(t)
	report, err := RunFleet(t.Context(), FleetOptions{
		Options: Options{
			Binary: binary, Dir: t.TempDir(), Kills: kills, For: setting.Limit(t, "OPENARENA_CRASH_TIME"),
			Seed: seed, Logf: t.Logf,
		},
		Server: server, Only: os.Getenv("OPENARENA_CRASH_KIND"),
	})
	t.Logf("seed %d: %s", seed, report)
	t.Attr("figure", fmt.Sprintf("%d kills of workers, runs and the server, %d promises broken", report.Kills, len(report.Violations)))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range report.Violations {
		t.Error(v)
	}
}
