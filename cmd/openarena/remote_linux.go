package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// magics are the numbers by which statfs(2) tells network file systems.
var magics = map[uint32]string{
	unix.NFS_SUPER_MAGIC: "nfs", unix.SMB_SUPER_MAGIC: "smbfs", unix.CIFS_SUPER_MAGIC: "cifs", unix.SMB2_SUPER_MAGIC: "smb3",
	unix.CEPH_SUPER_MAGIC: "ceph", unix.AFS_SUPER_MAGIC: "afs", unix.AFS_FS_MAGIC: "afs", unix.CODA_SUPER_MAGIC: "coda",
	unix.V9FS_MAGIC: "9p",
	0x0bd00bd0:      "lustre", 0x47504653: "gpfs", 0x19830326: "beegfs", 0xaad7aaea: "panfs", 0x20030528: "pvfs2", 0x18031977: "wekafs",
}

// fileSystem names the file system that a folder lies on, as Linux does; "" if it is none that is known.
func fileSystem(dir string) string {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return ""
	}
	if magic := uint32(s.Type); magic != unix.FUSE_SUPER_MAGIC {
		return magics[magic]
	}
	var at unix.Stat_t
	if err := unix.Stat(dir, &at); err != nil {
		return ""
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return ""
	}
	defer f.Close()
	device := fmt.Sprintf("%d:%d", unix.Major(uint64(at.Dev)), unix.Minor(uint64(at.Dev)))
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name := mounted(lines.Text(), device); name != "" {
			return name
		}
	}
	return ""
}

// mounted is the type of the file system of a line of /proc/self/mountinfo, if it is that of the device. Behind the place, and a
// few fields more, stand " - ", the type and the source; a line of gcsfuse has type fuse and its own name as the source.
func mounted(line, device string) string {
	before, after, _ := strings.Cut(line, " - ")
	fields, behind := strings.Fields(before), strings.Fields(after)
	if len(fields) < 3 || fields[2] != device || len(behind) < 2 {
		return ""
	}
	if behind[0] == "fuse" {
		return "fuse." + behind[1]
	}
	return behind[0]
}
