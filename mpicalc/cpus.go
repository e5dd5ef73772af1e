package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ownCPUs are the numbers of the CPUs on which this process may run, ascending: those that mpirun, srun or a control group has
// left to it. A CPU is what the kernel calls one, a hardware thread.
func ownCPUs() ([]int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(status)) {
		if list, ok := strings.CutPrefix(line, "Cpus_allowed_list:"); ok {
			return parseCPUs(list)
		}
	}
	return nil, fmt.Errorf("/proc/self/status does not say on which CPUs this process may run")
}

// maxCPU bounds the number of a CPU: the kernel has no configuration with more.
const maxCPU = 1 << 16

// parseCPUs reads a list of CPUs as the kernel writes it, like 0-3,8.
func parseCPUs(list string) (cpus []int, err error) {
	for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		if part == "" {
			continue
		}
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		if err != nil {
			return nil, fmt.Errorf("%q is not a list of CPUs", list)
		}
		to, err := strconv.Atoi(last)
		if err != nil || from < 0 || to < from || to > maxCPU {
			return nil, fmt.Errorf("%q is not a list of CPUs", list)
		}
		for cpu := from; cpu <= to; cpu++ {
			cpus = append(cpus, cpu)
		}
	}
	slices.Sort(cpus)
	return slices.Compact(cpus), nil
}

// listOfCPUs writes ascending numbers as the kernel does.
func listOfCPUs(cpus []int) string {
	var parts []string
	for i := 0; i < len(cpus); {
		end := i
		for end+1 < len(cpus) && cpus[end+1] == cpus[end]+1 {
			end++
		}
		part := strconv.Itoa(cpus[i])
		if end > i {
			part += "-" + strconv.Itoa(cpus[end])
		}
		parts = append(parts, part)
		i = end + 1
	}
	return strings.Join(parts, ",")
}

// numaNodes counts the NUMA nodes of which CPUs are in the set; 1 where the kernel does not tell.
func numaNodes(cpus []int) (count int) {
	lists, _ := filepath.Glob("/sys/devices/system/node/node[0-9]*/cpulist") // the pattern is well formed
	for _, path := range lists {
		list, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		node, err := parseCPUs(string(list))
		if err == nil && slices.ContainsFunc(node, func(cpu int) bool { _, in := slices.BinarySearch(cpus, cpu); return in }) {
			count++
		}
	}
	return max(count, 1)
}
