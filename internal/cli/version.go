package cli

import (
	"runtime/debug"
	"strings"
)

// These are set by the linker; see the Makefile.
var (
	version string
	date    string // of the source, as in 2026-12-01
)

// Version is the version of the source that the program was built from: the one
// that the linker was given, else the one that Go recorded in the program, else
// "unknown".
func Version() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "unknown"
	}
	return info.Main.Version
}

// Development reports whether a version is that of a build in a working tree: unknown, with changes, or not made by make.
// Such a build agrees with every version.
func Development(version string) bool {
	return version == "" || version == "unknown" || strings.HasSuffix(version, "dirty") || strings.HasPrefix(version, "v0.0.0-")
}
