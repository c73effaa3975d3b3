//go:build !linux && !darwin && !windows

package main

import "errors"

// freeBytes is how much more may be written into a folder.
func freeBytes(string) (uint64, error) { return 0, errors.ErrUnsupported }

// mayWrite: whether files may be made in a folder is not known before it is tried.
func mayWrite(string) bool { return true }
