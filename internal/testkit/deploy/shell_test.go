//go:build unix

package deploy

import (
	"os/exec"
	"path/filepath"
	"testing"
)

func scripts(t *testing.T) []string {
	t.Helper()
	jobs, err := filepath.Glob(filepath.Join(root, "slurm", "*.sbatch"))
	if err != nil || len(jobs) < 4 {
		t.Fatalf("%d jobs were found, %v; want four at least", len(jobs), err)
	}
	return append(jobs, filepath.Join(root, "shard.sh"))
}

func TestScriptsAreShell(t *testing.T) {
	for _, path := range scripts(t) {
		for _, check := range [][]string{{"bash", "-n"}, {"shellcheck"}} {
			if _, err := exec.LookPath(check[0]); err != nil {
				t.Logf("there is no %s here", check[0])
				continue
			}
			if out, err := exec.CommandContext(t.Context(), check[0], append(check[1:], path)...).CombinedOutput(); err != nil {
				t.Errorf("%s %s: %v\n%s", check[0], path, err, out)
			}
		}
	}
}
