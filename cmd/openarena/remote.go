package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"openarena/pipeline/doctor"
)

// fileSystemOf names the file system that a folder lies on; "" where that cannot be told. Tests put others in its place.
var fileSystemOf = fileSystem

// remoteSystems are file systems whose files another machine keeps, by the names that Linux (/proc/filesystems, and behind
// "fuse." that of the program), macOS and Windows give them. Locks and memory maps of bbolt need not hold there. What is not
// named here passes, so that nobody is warned of a disk: overlayfs, a file system in user space over a local folder.
var remoteSystems = map[string]string{
	"nfs": "NFS", "nfs4": "NFS", "cifs": "SMB", "smb3": "SMB", "smbfs": "SMB", "afpfs": "AFP", "webdav": "WebDAV",
	"lustre": "Lustre", "gpfs": "GPFS", "beegfs": "BeeGFS", "ceph": "CephFS", "afs": "AFS", "coda": "Coda", "9p": "9p",
	"panfs": "PanFS", "pvfs2": "OrangeFS", "wekafs": "WekaFS", "remote drive": "a remote drive",
	"fuse.sshfs": "sshfs", "fuse.rclone": "rclone", "fuse.glusterfs": "GlusterFS", "fuse.ceph": "CephFS", "fuse.ceph-fuse": "CephFS",
	"fuse.s3fs": "s3fs", "fuse.goofys": "goofys", "fuse.mountpoint-s3": "Mountpoint for S3", "fuse.gcsfuse": "gcsfuse",
	"fuse.blobfuse": "blobfuse", "fuse.blobfuse2": "blobfuse", "fuse.juicefs": "JuiceFS", "fuse.mfs": "MooseFS",
	"fuse.seaweedfs": "SeaweedFS", "fuse.davfs": "WebDAV", "fuse.curlftpfs": "FTP", "fuse.smbnetfs": "SMB", "fuse.alluxio-fuse": "Alluxio",
}

// remote is the network file system that a database file lies on, or will; "" if it lies on none that is known.
func remote(database string) string {
	if database == "" { // a server keeps the records
		return ""
	}
	dir := filepath.Dir(end(database))
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return remoteSystems[strings.ToLower(fileSystemOf(dir))]
		}
		dir = filepath.Dir(dir)
	}
}

// onDisk is what to do about a database on a network file system.
const onDisk = "keep it on a disk of this machine (store.path, --db): for several machines one file each, which " +
	"`openarena merge` joins, or PostgreSQL (docs/scale.md)"

// warnRemote tells a run whose database lies on a network file system.
func (w *work) warnRemote(database string) {
	if name := remote(database); name != "" {
		w.say(w.c, "warning: %s lies on %s: locks and writes of a database need not hold on a network file system; %s",
			database, name, onDisk)
	}
}

// fileSystemFinding is what doctor says of where the database lies; nil where there is nothing to say.
func fileSystemFinding(database string) []doctor.Finding {
	name := remote(database)
	if name == "" {
		return nil
	}
	return []doctor.Finding{{
		Check: "disk", State: doctor.Failed, Reason: reasonFile, Todo: onDisk,
		Says: fmt.Sprintf("%s lies on %s, a network file system: locks and writes of a database need not hold there", database, name),
	}}
}
