package slurm

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Pilot is a job of Slurm that runs a world, as squeue lists it. A task of an array is a pilot of its own; a heterogeneous job is
// one pilot with the cores of all its components.
type Pilot struct {
	ID        JobID
	State     string // in Slurm's words
	Reason    string // why it is pending, or how it ended; may be empty
	Cores     int    // what Slurm calls CPUs
	Elapsed   time.Duration
	Submitted time.Time
}

// Final reports whether the pilot has ended.
func (p Pilot) Final() bool { return slices.Contains(finals, p.State) }

// Live reports whether the pilot runs or will: in any state that Slurm has or invents but those of an end.
func (p Pilot) Live() bool { return !p.Final() && p.State != "COMPLETING" }

// Waits reports whether the pilot has no nodes yet.
func (p Pilot) Waits() bool { return p.State == "PENDING" }

// pilotFormat makes squeue print what ParsePilots reads. SLURM_TIME_FORMAT=%s makes its times seconds since 1970.
const pilotFormat = "%i|%T|%C|%M|%V|%r"

var (
	pilotForm = regexp.MustCompile(`^([0-9]+(?:_[0-9]+)?)(?:\+([0-9]+))?$`)
	stateForm = regexp.MustCompile(`^[A-Z_]+$`)
)

// ParsePilots reads squeue -h -r in pilotFormat. A line that it does not understand is an error: on half a list nothing can be decided.
func ParsePilots(out string) ([]Pilot, error) {
	var all []Pilot
	for text := range strings.Lines(out) {
		if text = strings.TrimRight(text, "\n"); text == "" {
			continue
		}
		p, component, err := parsePilot(text)
		if err != nil {
			return nil, fmt.Errorf("squeue printed %q: %w", short(text), err)
		}
		i := slices.IndexFunc(all, func(known Pilot) bool { return known.ID == p.ID })
		switch {
		case i < 0:
			all = append(all, p)
		case !component:
			return nil, fmt.Errorf("squeue printed job %s twice", p.ID)
		default:
			all[i].Cores += p.Cores
		}
	}
	return all, nil
}

func parsePilot(text string) (p Pilot, component bool, err error) {
	fields := strings.SplitN(text, "|", 6)
	if len(fields) < 6 {
		return p, false, fmt.Errorf("it has %d fields, want 6", len(fields))
	}
	id := pilotForm.FindStringSubmatch(fields[0])
	if id == nil {
		return p, false, fmt.Errorf("%q is not a job's number", short(fields[0]))
	}
	p.ID, component = JobID(id[1]), id[2] != ""
	if p.State = fields[1]; !stateForm.MatchString(p.State) {
		return p, component, fmt.Errorf("%q is not a state", short(p.State))
	}
	if p.Cores, err = strconv.Atoi(fields[2]); err != nil || p.Cores < 0 {
		return p, component, fmt.Errorf("%q is not a number of CPUs", short(fields[2]))
	}
	if p.Elapsed, err = parseElapsed(fields[3]); err != nil {
		return p, component, err
	}
	submitted, err := strconv.ParseInt(fields[4], 10, 64)
	if err != nil {
		return p, component, fmt.Errorf("%q is not a time in seconds", short(fields[4]))
	}
	p.Submitted = time.Unix(submitted, 0)
	if fields[5] != "None" {
		p.Reason = fields[5]
	}
	return p, component, nil
}

// parseElapsed reads the time that a job has run. Slurm prints INVALID when its clock was set back.
func parseElapsed(text string) (time.Duration, error) {
	if text == "INVALID" || text != "" && strings.Trim(text, "0:") == "" {
		return 0, nil
	}
	elapsed, err := ParseLimit(text)
	return time.Duration(elapsed), err
}

// Pilots lists this user's jobs of a name: those that live, and those that ended so recently that Slurm remembers them.
func (c Commands) Pilots(ctx context.Context, name string) ([]Pilot, error) {
	if c.Environ == nil {
		c.Environ = os.Environ()
	}
	c.Environ = append(slices.Clip(c.Environ), "SLURM_TIME_FORMAT=%s")
	out, err := c.run(ctx, "", "squeue", "--noheader", "--array", "--states=all", "--user="+strconv.Itoa(os.Getuid()), "--name="+name, "--format="+pilotFormat)
	if err != nil {
		return nil, fmt.Errorf("list the pilots: %w", err)
	}
	return ParsePilots(out)
}

// CancelWaiting cancels jobs that wait for nodes. One that has got them by now goes on.
func (c Commands) CancelWaiting(ctx context.Context, ids []JobID) error {
	args := []string{"--state=PENDING"}
	for _, id := range ids {
		args = append(args, string(id))
	}
	if _, err := c.run(ctx, "", "scancel", args...); err != nil {
		return fmt.Errorf("cancel pilots that wait: %w", err)
	}
	return nil
}
