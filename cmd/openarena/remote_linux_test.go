package main

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A line of /proc/self/mountinfo tells what a file system in user space is.
func TestMounted(t *testing.T) {
	for _, row := range []struct{ name, line, device, want string }{
		{"sshfs", "61 29 0:52 / /home/me/far rw,nosuid,nodev - fuse.sshfs me@far:/home/me rw,user_id=1000", "0:52", "fuse.sshfs"},
		{"gcsfuse", "62 29 0:53 / /data rw shared:7 - fuse gcsfuse rw,user_id=0", "0:53", "fuse.gcsfuse"},
		{"of a container", "63 29 0:54 / / rw master:1 - fuse.fuse-overlayfs fuse-overlayfs rw", "0:54", "fuse.fuse-overlayfs"},
		{"another device", "61 29 0:52 / /home/me/far rw - fuse.sshfs me@far: rw", "0:5", ""},
		{"no type", "61 29 0:52 / /home/me/far rw", "0:52", ""},
		{"empty", "", "0:52", ""},
	} {
		if got := mounted(row.line, row.device); got != row.want {
			t.Errorf("%s: mounted(%q, %q) = %q; want %q", row.name, row.line, row.device, got, row.want)
		}
	}
}

// Every number leads to a file system that is warned of, and those of disks to none.
func TestMagics(t *testing.T) {
	for magic, name := range magics {
		if remoteSystems[name] == "" {
			t.Errorf("magic %#x is %s, which nobody is warned of", magic, name)
		}
	}
	for _, magic := range []uint32{unix.OVERLAYFS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, 0x2fc12fc1} {
		if name := magics[magic]; name != "" {
			t.Errorf("magic %#x of a disk is taken for %s", magic, name)
		}
	}
}
