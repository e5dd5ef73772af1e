package cli

import "runtime/debug"

// version is set by the linker; see the Makefile.
var version string

// Version is that of the source from which the program was built: what the
// linker was told, else what Go itself noted in the program, else "unknown".
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
