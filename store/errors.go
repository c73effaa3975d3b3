package store

import (
	"errors"
	"fmt"
	"time"
)

// While reading.
var (
	// ErrNotFound: no record has that key.
	ErrNotFound = errors.New("no such record")
	// ErrAway: the server that keeps the records was away for longer than it is waited for.
	ErrAway = errors.New("database server away")
)

// While opening.
var (
	// ErrNoDatabase: the file is not there, and the call does not create one.
	ErrNoDatabase = errors.New("no database")
	// ErrLocked: another process has the database open. The error is a *LockedError.
	ErrLocked = errors.New("database in use")
	// ErrDamaged: the file is no database of ours, or a broken one. The error is a *DamagedError.
	ErrDamaged = errors.New("database damaged")
	// ErrNewer: a newer version of openarena wrote the database; it is left as it is.
	ErrNewer = errors.New("database written by a newer version")
)

// While writing.
var (
	// ErrUnwritable: the disk is full, read-only or failing. Nothing acknowledged is lost; nothing more can be written.
	ErrUnwritable = errors.New("database not writable")
	// ErrClosed: the database was closed, or an earlier commit failed.
	ErrClosed = errors.New("database closed")
)

// LockedError tells who holds a database.
type LockedError struct {
	Path    string
	PID     int       // 0 if unknown
	Command string    // such as "openarena run"; "" if unknown
	Since   time.Time // zero if unknown
}

func (e *LockedError) Error() string {
	s := fmt.Sprintf("%s is in use", e.Path)
	if e.PID == 0 {
		return s + " by another process"
	}
	s = fmt.Sprintf("%s: held by pid %d", s, e.PID)
	if e.Command != "" {
		s += fmt.Sprintf(" `%s`", e.Command)
	}
	if !e.Since.IsZero() {
		s += " since " + e.Since.Format("15:04:05")
	}
	return s + "; wait until it has ended, or stop it"
}

// Is makes errors.Is(err, ErrLocked) true.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// DamagedError says what is wrong with a database file and what to do.
type DamagedError struct {
	Path, What, Advice string
}

func (e *DamagedError) Error() string {
	s := fmt.Sprintf("%s: %s", e.Path, e.What)
	if e.Advice != "" {
		s += "; " + e.Advice
	}
	return s
}

// Is makes errors.Is(err, ErrDamaged) true.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }

// RecordError is one record whose checksum or format does not hold. The rest of the database is usable.
type RecordError struct {
	Bucket Bucket
	Key    []byte
	What   string
}

func (e *RecordError) Error() string {
	return fmt.Sprintf("record %x in %s: %s; `openarena db repair` removes it, the next run asks again", e.Key, e.Bucket, e.What)
}

// Is makes errors.Is(err, ErrDamaged) true.
func (e *RecordError) Is(target error) bool { return target == ErrDamaged }
