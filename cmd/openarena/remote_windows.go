package main

import "golang.org/x/sys/windows"

// fileSystem tells of a folder only whether it lies on a remote drive: \\server\share, or a letter that stands for one.
func fileSystem(dir string) string {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return ""
	}
	var volume [windows.MAX_PATH + 1]uint16
	if err := windows.GetVolumePathName(path, &volume[0], uint32(len(volume))); err != nil {
		return ""
	}
	if windows.GetDriveType(&volume[0]) == windows.DRIVE_REMOTE {
		return "remote drive"
	}
	return ""
}
