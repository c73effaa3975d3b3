package power

import (
	"slices"
	"strings"
)

// The record of a program that is careless: what a careful one did, without what it must do. A check that finds nothing
// wrong with these is worth nothing.

// without leaves out the operations that drop says.
func without(log []op, drop func(i int, o op) bool) []op {
	kept := make([]op, 0, len(log))
	for i, o := range log {
		if !drop(i, o) {
			kept = append(kept, o)
		}
	}
	return kept
}

// noSync never syncs a file.
func noSync(log []op) []op { return without(log, func(_ int, o op) bool { return o.kind == opSync }) }

// noFolderSync never syncs the folder.
func noFolderSync(log []op) []op {
	return without(log, func(_ int, o op) bool { return o.kind == opSyncFolder })
}

// noDataSync syncs only after a meta page was written, and not the pages that it leads to.
func noDataSync(log []op) []op {
	return without(log, func(i int, o op) bool { return o.kind == opSync && !metaWritten(log[:i], o.file) })
}

// noMetaSync does not sync a meta page: it takes a commit for durable when its pages are.
func noMetaSync(log []op) []op {
	return without(log, func(i int, o op) bool { return o.kind == opSync && metaWritten(log[:i], o.file) })
}

// metaWritten reports whether the last write to a file was one to its first two pages.
func metaWritten(log []op, file int) bool {
	for _, o := range slices.Backward(log) {
		if o.kind == opWrite && o.file == file {
			return o.off <= 4096
		}
	}
	return false
}

// trusting takes for durable what it finds when it starts: it syncs nothing that another process may have left.
func trusting(log []op) []op {
	return without(log, func(i int, o op) bool {
		return (o.kind == opSync || o.kind == opSyncFolder || o.kind == opWrite) && opening(log[:i])
	})
}

// believing syncs when it starts, and believes it: it does not write the meta page again that a failed sync was to write.
func believing(log []op) []op {
	return without(log, func(i int, o op) bool { return o.kind == opWrite && o.off <= 4096 && opening(log[:i]) })
}

// opening reports whether the process that runs at the end of a log writes to a database that another made, and has not
// yet said what it found there.
func opening(log []op) bool {
	made, found := false, false
	for _, o := range log {
		switch {
		case o.kind == opStart:
			found = o.name != "write"
		case o.kind == opNote && strings.HasPrefix(o.key, "worker"):
			made, found = true, true
		}
	}
	return made && !found
}

// hasty acknowledges what the next sync is to make durable.
func hasty(log []op) []op {
	early := slices.Clone(log)
	for i := 1; i < len(early); i++ {
		if o := early[i]; o.kind == opNote {
			j := i
			for j > 0 && early[j-1].kind != opSync && early[j-1].kind != opStart {
				j--
			}
			if j > 0 && early[j-1].kind == opSync {
				copy(early[j:i+1], early[j-1:i])
				early[j-1] = o
			}
		}
	}
	return early
}
