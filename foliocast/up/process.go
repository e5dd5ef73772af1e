package up

import (
	"bytes"
	"fmt"
	"os"
)

// ended reports whether a process has ended although its id is not free yet: its
// parent has not asked how it ended.
func ended(pid int) bool {
	state := processState(pid)
	return state == 'Z' || state == 'X'
}

// processState returns the letter of proc_pid_stat(5) for a process, or 0 when there
// is none.
func processState(pid int) byte {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name of the program stands in parentheses, and may have some itself.
	if i := bytes.LastIndex(text, []byte(") ")); i >= 0 && i+2 < len(text) {
		return text[i+2]
	}
	return 0
}
