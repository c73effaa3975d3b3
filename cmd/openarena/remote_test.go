package main

import (
	"path/filepath"
	"testing"
)

// What the operating system calls a file system decides whether a database there is warned of.
func TestRemote(t *testing.T) {
	here := fileSystemOf
	t.Cleanup(func() { fileSystemOf = here })
	for _, row := range []struct{ system, want string }{
		{"nfs", "NFS"}, {"smb3", "SMB"}, {"lustre", "Lustre"}, {"gpfs", "GPFS"}, {"beegfs", "BeeGFS"}, {"ceph", "CephFS"},
		{"fuse.sshfs", "sshfs"}, {"afs", "AFS"}, {"9p", "9p"}, {"remote drive", "a remote drive"},
		{"", ""}, {"ext4", ""}, {"xfs", ""}, {"btrfs", ""}, {"zfs", ""}, {"tmpfs", ""}, {"overlay", ""}, {"virtiofs", ""}, {"apfs", ""},
		{"fuse.fuse-overlayfs", ""}, {"fuseblk", ""}, {"fuse.mergerfs", ""}, {"fuse.gocryptfs", ""},
	} {
		fileSystemOf = func(string) string { return row.system }
		if got := remote(filepath.Join(t.TempDir(), "arena.db")); got != row.want {
			t.Errorf("remote on %q = %q; want %q", row.system, got, row.want)
		}
	}
}

// A database that is a link lies where the link leads, and one whose folder is still to be made lies where that will be.
func TestRemoteAsksAboutThePlace(t *testing.T) {
	here := fileSystemOf
	t.Cleanup(func() { fileSystemOf = here })
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var asked string
	fileSystemOf = func(dir string) string { asked = dir; return "" }
	for _, database := range []string{"arena.db", filepath.Join("none", "yet", "arena.db")} {
		if remote(filepath.Join(dir, database)); asked != dir {
			t.Errorf("of %s %s was looked at; want %s", database, asked, dir)
		}
	}
}
