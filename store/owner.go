package store

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// owner is what the writing process says about itself in a file beside the database, for those who find it locked and
// those who want to read along. One left by a crash does no harm: the lock is what counts.
type owner struct {
	PID     int       `json:"pid"`
	Command string    `json:"command,omitempty"`
	Since   time.Time `json:"since"`
	Socket  string    `json:"socket"`
	Token   string    `json:"token"` // a reader shows it: who may read this file may read the database
}

func ownerPath(path string) string { return path + ".owner" }

func newOwner(command, socket string) owner {
	return owner{PID: os.Getpid(), Command: command, Since: time.Now().Round(time.Second), Socket: socket, Token: rand.Text()}
}

// write replaces the file in one step, so that no reader sees half of it. The caller holds the lock of the database.
func (o owner) write(path string) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	tmp := ownerPath(path) + ".new"
	err = os.WriteFile(tmp, append(data, '\n'), 0o600)
	if err == nil {
		err = rename(tmp, ownerPath(path))
	}
	if err != nil {
		os.Remove(tmp)
	}
	return err
}

func readOwner(path string) (owner, bool) {
	data, err := os.ReadFile(ownerPath(path))
	if err != nil {
		return owner{}, false
	}
	var o owner
	return o, json.Unmarshal(data, &o) == nil && o.PID > 0
}

// lockedBy tells who has the lock of a file, as well as can be known.
func lockedBy(path string) *LockedError {
	e := &LockedError{Path: path}
	pids := lockHolders(path)
	o, ok := readOwner(path)
	if ok && (len(pids) == 0 || pids[o.PID]) {
		e.PID, e.Command, e.Since = o.PID, o.Command, o.Since
		return e
	}
	for pid := range pids {
		e.PID = max(e.PID, pid)
	}
	return e
}

// lockHolders asks Linux which processes hold a flock on a file. Elsewhere it knows none.
func lockHolders(path string) map[int]bool {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	number, ok := inode(info)
	if !ok {
		return nil
	}
	f, err := os.Open("/proc/locks")
	if err != nil {
		return nil
	}
	defer f.Close()
	pids, inode := map[int]bool{}, fmt.Sprintf(":%d", number)
	// A line is "1: FLOCK  ADVISORY  WRITE 26141 fd:01:1234567 0 EOF". The device is left out of the comparison: on some
	// filesystems it is not the one that stat gives.
	for lines := bufio.NewScanner(f); lines.Scan(); {
		w := strings.Fields(lines.Text())
		if len(w) < 6 || w[1] != "FLOCK" || !strings.HasSuffix(w[5], inode) {
			continue
		}
		if pid, err := strconv.Atoi(w[4]); err == nil && pid > 0 {
			pids[pid] = true
		}
	}
	return pids
}
