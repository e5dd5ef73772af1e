package slurm

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Limit is how long a job may run. Zero leaves it to the script, and then to
// the partition.
type Limit time.Duration

// Unlimited is the limit of a job that may run forever.
const Unlimited = Limit(math.MaxInt64)

// longest is more than Slurm lets a job run; its minutes fit into 32 bits.
const longest = 4000 * 24 * time.Hour

var limitForm = regexp.MustCompile(`^(?:(\d+)-(\d+)(?::(\d+)(?::(\d+))?)?|(\d+)(?::(\d+)(?::(\d+))?)?)$`)

// ParseLimit reads a time in the forms that sbatch takes: minutes, minutes:seconds,
// hours:minutes:seconds, days-hours, days-hours:minutes,
// days-hours:minutes:seconds, UNLIMITED or INFINITE.
func ParseLimit(text string) (Limit, error) {
	switch strings.ToUpper(text) {
	case "UNLIMITED", "INFINITE":
		return Unlimited, nil
	}
	m := limitForm.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%q is not a time: write minutes, hours:minutes:seconds or days-hours:minutes:seconds", text)
	}
	var sum time.Duration
	for i, unit := range unitsOf(m) {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		if err != nil || time.Duration(n) > longest/unit {
			return 0, fmt.Errorf("%q is longer than any job may run", text)
		}
		sum += time.Duration(n) * unit
	}
	if sum == 0 {
		return 0, fmt.Errorf("%q is zero", text)
	}
	return Limit(sum), nil
}

// unitsOf returns the units of the groups of limitForm. Without days, the unit of
// the first number depends on how many follow.
func unitsOf(m []string) []time.Duration {
	days := []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second}
	if m[7] != "" {
		return append(days, time.Hour, time.Minute, time.Second)
	}
	return append(days, time.Minute, time.Second, time.Second)
}

// String writes the limit as Slurm does: hours:minutes:seconds, with days
// where there are any.
func (l Limit) String() string {
	if l == Unlimited {
		return "UNLIMITED"
	}
	s := int64(time.Duration(l).Round(time.Second) / time.Second)
	clock := fmt.Sprintf("%02d:%02d:%02d", s/3600%24, s/60%60, s%60)
	if days := s / 86400; days > 0 {
		return fmt.Sprintf("%d-%s", days, clock)
	}
	return clock
}
