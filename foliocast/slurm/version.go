package slurm

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Version is a program's version: major, minor, and the whole text.
type Version struct {
	Major, Minor int
	Text         string // all of it
}

// AtLeast reports whether the version is major.minor or later.
func (v Version) AtLeast(major, minor int) bool {
	return v.Major > major || v.Major == major && v.Minor >= minor
}

var versionForm = regexp.MustCompile(`\b(\d{1,6})\.(\d{1,6})[0-9A-Za-z.+~-]*`)

// ParseVersion finds the version in the first line that a program prints for
// --version, such as "slurm-wlm 22.05.8" or "mpirun (Open MPI) 4.1.4".
func ParseVersion(out string) (Version, error) {
	first, _, _ := strings.Cut(strings.TrimSpace(out), "\n")
	m := versionForm.FindStringSubmatch(first)
	if m == nil {
		return Version{}, fmt.Errorf("%q holds no version", short(first))
	}
	v := Version{Text: m[0]}
	v.Major, _ = strconv.Atoi(m[1]) // six digits
	v.Minor, _ = strconv.Atoi(m[2])
	return v, nil
}

// Components are Open MPI's plug-ins, by framework.
type Components map[string][]string

// ParseComponents reads the framework and the name of each line
// mca:FRAMEWORK:NAME: in the output of ompi_info --parsable.
func ParseComponents(out string) Components {
	found := Components{}
	for text := range strings.Lines(out) {
		fields := strings.SplitN(text, ":", 4)
		if len(fields) < 4 || fields[0] != "mca" {
			continue
		}
		framework, name := fields[1], fields[2]
		if !slices.Contains(found[framework], name) {
			found[framework] = append(found[framework], name)
		}
	}
	return found
}

// ParseMPITypes reads srun --mpi=list: the names of the ways in which srun can
// start ranks.
func ParseMPITypes(out string) []string {
	var types []string
	for text := range strings.Lines(out) {
		name := strings.TrimPrefix(strings.TrimSpace(text), "srun: ")
		if name != "" && !strings.ContainsAny(name, " :.") {
			types = append(types, name)
		}
	}
	return types
}

// ParseSettings reads scontrol show config, in lines NAME = VALUE.
func ParseSettings(out string) map[string]string {
	settings := map[string]string{}
	for text := range strings.Lines(out) {
		if name, value, ok := strings.Cut(text, "="); ok {
			settings[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return settings
}
