package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// release and commit are set by `make release`, which builds without asking git a second time.
var release, commit string

// version names the release, the commit and what it was built for.
func version() string {
	v, c := built()
	return fmt.Sprintf("%s, commit %s, %s %s/%s", v, c, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// built is the version and the commit of this program.
func built() (v, c string) {
	v, c = release, commit
	if info, ok := debug.ReadBuildInfo(); ok && v == "" {
		v, c = noted(info)
	}
	if v == "" || v == "(devel)" {
		v = "dev"
	}
	if c == "" {
		c = "unknown"
	}
	return v, c
}

// tool is how files that are the same on every machine name this program.
func tool() string {
	v, c := built()
	return v + ", commit " + c
}

// noted is the version and the commit that the go command noted.
func noted(info *debug.BuildInfo) (v, c string) {
	edited := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			c = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			edited = "-edited"
		}
	}
	if c != "" {
		c += edited
	}
	return info.Main.Version, c
}
