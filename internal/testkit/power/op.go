// Package power cuts the power under the real program, thousands of times, without a machine to be ruined.
//
// A file system in memory, mounted with FUSE, records what a process does to its files: every write, change of length,
// sync, name given or taken, sync of the folder. Then each moment of the record becomes disks as a power cut may leave
// them: what was synced, and any part of what was not, torn at sectors and in any order. On each the program must find
// everything that it had acknowledged by that moment, byte for byte, and be able to go on.
//
// The process is openarena/internal/testkit/cmd/powerload. It may be killed at any of its operations and started again
// before the power fails; its syncs may fail, its writes be cut short. This folder is a module of its own, so that the
// product does not depend on a FUSE library.
package power

import "fmt"

type kind uint8

const (
	opCreate kind = iota // of a file, with a name
	opWrite
	opTruncate
	opSync
	opSyncFailed // what it was to write may be on the disk or not, and will not be tried again
	opLink       // one more name
	opUnlink
	opRename
	opSyncFolder
	opNote  // not of the disk: what the process was told by now
	opStart // not of the disk: a process begins
)

func (k kind) String() string {
	return [...]string{"create", "write", "truncate", "sync", "failed sync", "link", "unlink", "rename", "sync of the folder", "note", "start"}[k]
}

// op is one operation on the one folder that there is. Files are told apart by number, whatever their names.
type op struct {
	kind kind
	file int
	off  int64 // write; truncate: the new length
	data []byte
	name string // create, link, unlink; rename: the old name; start: of the part
	to   string // rename

	key   string // note
	value int
}

func (o op) String() string {
	switch o.kind {
	case opWrite:
		return fmt.Sprintf("write of %d bytes at %d of file %d", len(o.data), o.off, o.file)
	case opTruncate:
		return fmt.Sprintf("truncate of file %d to %d", o.file, o.off)
	case opSync, opSyncFailed:
		return fmt.Sprintf("%v of file %d", o.kind, o.file)
	case opCreate, opLink:
		return fmt.Sprintf("%v of file %d as %s", o.kind, o.file, o.name)
	case opRename:
		return fmt.Sprintf("rename of %s to %s", o.name, o.to)
	case opNote:
		return fmt.Sprintf("note %s %d", o.key, o.value)
	}
	return fmt.Sprintf("%v %s", o.kind, o.name)
}
