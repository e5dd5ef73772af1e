package main

import (
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// usage is CPU time in seconds: of PostgreSQL, of a service, of this process, and of
// everything else on the machine.
type usage struct{ postgres, service, client, others float64 }

// usageHeader names the cells of a usage.
var usageHeader = []string{"CPU s: PostgreSQL", "service", "client", "all three", "others"}

// sum is the CPU time without that of others.
func (u usage) sum() float64 { return u.postgres + u.service + u.client }

func (u usage) plus(v usage, factor float64) usage {
	return usage{u.postgres + factor*v.postgres, u.service + factor*v.service, u.client + factor*v.client, u.others + factor*v.others}
}

// used returns the CPU time that the contender has used so far.
func (t *turn) used() (u usage, err error) {
	if u.postgres, err = treeSeconds(t.server.pid()); err != nil {
		return u, err
	}
	if t.contender.pid() != 0 {
		if u.service, err = treeSeconds(t.contender.pid()); err != nil {
			return u, err
		}
	}
	if u.client, err = ownSeconds(); err != nil {
		return u, err
	}
	machine, err := machineSeconds()
	u.others = machine - u.sum()
	return u, err
}

// using returns the CPU time that a call uses.
func (t *turn) using(call func() error) (u usage, err error) {
	before, err := t.used()
	if err != nil {
		return u, err
	}
	if err := call(); err != nil {
		return u, err
	}
	after, err := t.used()
	return after.plus(before, -1), err
}

// treeSeconds returns the CPU time of a process, of its children, and of those that have ended.
func treeSeconds(pid int) (float64, error) {
	tree, err := family(pid)
	ticks := 0
	for _, p := range tree {
		ticks += int(p.UTime + p.STime)
		if p.PID == pid {
			ticks += p.CUTime + p.CSTime
		}
	}
	return float64(ticks) / 100, err // USER_HZ, the same on every Linux
}

// family returns the children of a process, and then the process.
func family(pid int) (tree []procfs.ProcStat, err error) {
	all, err := procfs.AllProcs()
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		if s, err := p.Stat(); err == nil && s.PPID == pid { // otherwise it has ended
			tree = append(tree, s)
		}
	}
	p, err := procfs.NewProc(pid)
	if err != nil {
		return nil, err
	}
	s, err := p.Stat()
	return append(tree, s), err
}

// ownSeconds returns the CPU time of this process.
func ownSeconds() (float64, error) {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0, err
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds(), nil
}

// machineSeconds returns the CPU time of all processes on this machine.
func machineSeconds() (float64, error) {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return 0, err
	}
	s, err := fs.Stat()
	c := s.CPUTotal
	return c.User + c.Nice + c.System + c.IRQ + c.SoftIRQ + c.Steal, err
}

// memory returns how much memory a process and its children have, in bytes: what several
// share counts once.
func memory(pid int) (bytes uint64, err error) {
	tree, err := family(pid)
	for _, s := range tree {
		p, err := procfs.NewProc(s.PID)
		if err != nil {
			continue // it has ended
		}
		if m, err := p.ProcSMapsRollup(); err == nil {
			bytes += m.Pss
		}
	}
	return bytes, err
}
