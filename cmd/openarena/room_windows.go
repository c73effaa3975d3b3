package main

import "golang.org/x/sys/windows"

// freeBytes is how much more may be written into a folder.
func freeBytes(dir string) (free uint64, err error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	return free, windows.GetDiskFreeSpaceEx(path, &free, nil, nil)
}

// mayWrite: whether files may be made in a folder is not known before it is tried.
func mayWrite(string) bool { return true }
