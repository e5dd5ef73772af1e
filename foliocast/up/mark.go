package up

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// markVariable names the part that a process belongs to, in its environment.
// Every descendant inherits it, even one that left the process group, as the
// ranks of an MPI world do.
const markVariable = "FOLIOCAST_PART"

// mark is the value of markVariable for a part under a state directory.
func mark(state, name string) string { return allMarks(state) + name + "#" }

// allMarks is the beginning of every mark under a state directory.
func allMarks(state string) string { return state + "#" }

// marked lists the processes whose mark begins with prefix. It sees only
// the processes of this user, or all as root.
func marked(prefix string) []int {
	entries, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil
	}
	var pids []int
	want := []byte(markVariable + "=" + prefix)
	for _, path := range entries {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended, or belongs to another user
		}
		for setting := range bytes.SplitSeq(text, []byte{0}) {
			if !bytes.HasPrefix(setting, want) {
				continue
			}
			if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil && pid != os.Getpid() {
				pids = append(pids, pid)
			}
			break
		}
	}
	return pids
}
