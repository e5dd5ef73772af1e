package up

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ended reports whether a process has ended although its id is not free yet: its
// parent has not asked how it ended.
func ended(pid int) bool {
	state := processState(pid)
	return state == 'Z' || state == 'X'
}

// processState returns the letter of proc_pid_stat(5) for a process, or 0 without
// such a process. T means stopped by a signal; a process in a debugger has a small t.
func processState(pid int) byte {
	state, _ := processStat(pid)
	return state
}

// processStat returns a process's state and its parent.
func processStat(pid int) (state byte, parent int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	// The name of the program stands in parentheses, and may have some itself.
	_, _ = fmt.Sscanf(string(text[bytes.LastIndexByte(text, ')')+1:]), " %c %d", &state, &parent)
	return state, parent
}

// family lists a process, those below it, and those with a part's mark: a process that
// has changed its environment in memory, as those of PostgreSQL do, shows no mark.
func family(pid int, mark string) []int {
	children := map[int][]int{}
	for _, p := range processes() {
		_, parent := processStat(p)
		children[parent] = append(children[parent], p)
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	for _, p := range marked(mark) {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// processes lists all processes.
func processes() []int {
	entries, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
	var all []int
	for _, path := range entries {
		if pid, err := strconv.Atoi(filepath.Base(path)); err == nil {
			all = append(all, pid)
		}
	}
	return all
}

// working lists the processes of a program that work in a directory.
func working(dir, program string) []int {
	var all []int
	for _, pid := range processes() {
		cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		if err != nil || cwd != dir {
			continue
		}
		exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
		if err == nil && strings.TrimSuffix(filepath.Base(exe), " (deleted)") == program {
			all = append(all, pid)
		}
	}
	return all
}
