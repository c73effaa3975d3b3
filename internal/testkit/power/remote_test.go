//go:build linux

package power

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// A file system that the kernel calls fuse.sshfs is taken for one of another machine by `doctor`, and any other for a disk.
func TestNetworkFileSystem(t *testing.T) {
	(&station{t: t}).needFUSE()
	binary := filepath.Join(t.TempDir(), "openarena")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./cmd/openarena")
	build.Dir = "../../.." // another module
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for name, remote := range map[string]bool{"sshfs": true, "local": false} {
		dir := t.TempDir()
		server, err := fs.Mount(dir, &fs.Inode{}, &fs.Options{MountOptions: fuse.MountOptions{DirectMountStrict: true, Name: name, FsName: name}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := server.Unmount(); err != nil {
				t.Error(err)
			}
		})
		file := filepath.Join(t.TempDir(), "arena.yaml")
		text := "models: [{name: A, model_id: a}, {name: B, model_id: b}]\njudge_model: {name: J, model_id: j}\ndatasets: [{path: p.txt}]\n" +
			"default_endpoint: {url: 'http://127.0.0.1:9'}\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := exec.CommandContext(t.Context(), binary, "doctor", "--no-calls", "-c", file, "--db", filepath.Join(dir, "arena.db")).CombinedOutput() // nobody listens there
		if got := strings.Contains(string(out), "lies on sshfs"); got != remote {
			t.Errorf("a database on fuse.%s is told to lie on a network file system: %v; want %v\n%s", name, got, remote, out)
		}
	}
}
