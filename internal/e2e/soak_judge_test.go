package e2e

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// figure is something that is measured again and again while a system runs.
type figure struct {
	name, unit string
	least      float64 // an increase of less than this is noise
	grows      bool    // it grows with the jobs, as a trail does that is kept for months: judged is what one job adds
	peak       bool    // it goes up and down for minutes: judged is the most of a quarter, instead of the mean
	shown      bool    // it is not judged
}

// measured is one measurement of a figure.
type measured struct {
	at    time.Duration // since the beginning
	value float64
	jobs  float64 // that had ended by then
}

// soak holds what was measured.
type soak struct {
	length  time.Duration
	figures []figure
	values  map[string][]measured // by the name of the figure
}

func (s *soak) add(f figure, m measured) {
	if s.values == nil {
		s.values = map[string][]measured{}
	}
	if _, known := s.values[f.name]; !known {
		s.figures = append(s.figures, f)
	}
	s.values[f.name] = append(s.values[f.name], m)
}

// steady is by how much the last quarter may exceed the second.
const steady = 0.05

// row compares the second quarter of a run with the last: the means of a figure or, of one that grows, what a job adds.
type row struct {
	figure
	second, last float64
	fault        string
}

// judge compares the quarters of all figures.
func (s *soak) judge() []row {
	var rows []row
	for _, f := range s.figures {
		second, n := s.quarter(f, 1)
		last, m := s.quarter(f, 3)
		r := row{figure: f, second: second, last: last}
		switch {
		case n == 0 || m == 0:
			r.fault = fmt.Sprintf("%s was measured %d times in the second quarter and %d times in the last", f.name, n, m)
		case f.shown:
		case last > second+max(steady*math.Abs(second), f.least):
			r.fault = fmt.Sprintf("%s has grown from %.2f to %.2f %s between the second quarter and the last", f.name, second, last, r.label())
		}
		rows = append(rows, r)
	}
	return rows
}

func (r row) label() string {
	if r.grows {
		return strings.TrimSpace(r.unit + " a job")
	}
	return r.unit
}

// quarter is the mean of a figure in a quarter, 0 to 3, or its peak or what a job adds to it there, and of how many measurements.
func (s *soak) quarter(f figure, which int) (float64, int) {
	var in []measured
	for _, m := range s.values[f.name] {
		if int(4*m.at/max(s.length, 1)) == which {
			in = append(in, m)
		}
	}
	if len(in) == 0 {
		return 0, 0
	}
	if f.grows {
		first, last := in[0], in[len(in)-1]
		return (last.value - first.value) / max(last.jobs-first.jobs, 1), len(in)
	}
	sum, most := 0.0, in[0].value
	for _, m := range in {
		sum, most = sum+m.value, max(most, m.value)
	}
	if f.peak {
		return most, len(in)
	}
	return sum / float64(len(in)), len(in)
}

// table shows the rows.
func table(rows []row) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-44s %12s %12s %8s\n", "", "2nd quarter", "last quarter", "change")
	for _, r := range rows {
		change := "-"
		if r.second != 0 {
			change = fmt.Sprintf("%+.1f %%", 100*(r.last/r.second-1))
		}
		mark := ""
		if r.fault != "" {
			mark = "  <- grows"
		}
		fmt.Fprintf(&b, "%-44s %12.2f %12.2f %8s%s\n", strings.TrimSuffix(r.name+", "+r.label(), ", "), r.second, r.last, change, mark)
	}
	return b.String()
}

// The judge finds a leak, and lets noise, warming up and what may grow pass.
func TestTheSoaksJudge(t *testing.T) {
	t.Parallel()
	const length = 400 * time.Second
	shape := map[string]func(at float64) float64{ // at is 0 to 1
		"level":            func(float64) float64 { return 40 },
		"falls":            func(at float64) float64 { return 40 - 20*at },
		"noise":            func(at float64) float64 { return 40 + 10*math.Sin(900*at) },
		"warms up":         func(at float64) float64 { return 40 - 20*math.Exp(-20*at) },
		"leaks":            func(at float64) float64 { return 40 + 5*at },
		"steps up late":    func(at float64) float64 { return 40 + 5*math.Round(at*0.7) },
		"small":            func(at float64) float64 { return 3 + at/2 },
		"trail":            func(at float64) float64 { return 100 * at },
		"trail that bends": func(at float64) float64 { return 100 * at * at },
	}
	leaks := []string{"leaks", "steps up late", "trail that bends"}
	s := &soak{length: length}
	for name, value := range shape {
		for at := range length / time.Second {
			x := float64(at) / float64(length/time.Second)
			f := figure{name: name, least: 0.5}
			if strings.HasPrefix(name, "trail") {
				f.grows, f.least = true, 0
			}
			s.add(f, measured{at * time.Second, value(x), 1000 * x})
		}
	}
	s.add(figure{name: "forgotten"}, measured{})
	// Events that are kept for a minute at least and removed every ten minutes, 18 a second, in runs that are long enough to see their level.
	for minutes := 15; minutes <= 90; minutes++ {
		events := &soak{length: time.Duration(minutes) * time.Minute}
		for at := time.Duration(0); at < events.length; at += 5 * time.Second {
			since := at % tidied
			if at >= tidied {
				since += time.Minute
			}
			events.add(eventsLevel, measured{at: at, value: 18 * since.Seconds()})
		}
		if r := events.judge()[0]; r.fault != "" {
			t.Errorf("%d minutes: %s", minutes, r.fault)
		}
	}
	for _, r := range s.judge() {
		if got, want := r.fault != "", slices.Contains(leaks, r.name) || r.name == "forgotten"; got != want {
			t.Errorf("%s: fault %q, want one: %v", r.name, r.fault, want)
		}
	}
}
