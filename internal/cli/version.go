package cli

import "runtime/debug"

// version is set by the linker; see the Makefile.
var version string

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
