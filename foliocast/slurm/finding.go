package slurm

import "fmt"

// Status is the verdict of a finding.
type Status string

// The statuses. Jobs run in spite of a warning, but not of a fault.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	Fault   Status = "fault"
)

// Finding is one thing that the doctor looked at.
type Finding struct {
	Check  string `json:"check"` // one word
	Status Status `json:"status"`
	Found  string `json:"found"`            // a sentence
	Advice string `json:"advice,omitempty"` // a sentence: what to do; empty when nothing is wrong
}

// report collects findings.
type report []Finding

func (r *report) ok(check, format string, args ...any) {
	*r = append(*r, Finding{check, OK, fmt.Sprintf(format, args...), ""})
}

func (r *report) warn(check, advice, format string, args ...any) {
	*r = append(*r, Finding{check, Warning, fmt.Sprintf(format, args...), advice})
}

func (r *report) fault(check, advice, format string, args ...any) {
	*r = append(*r, Finding{check, Fault, fmt.Sprintf(format, args...), advice})
}

// Healthy reports whether nothing keeps jobs from running.
func Healthy(findings []Finding) bool {
	for _, f := range findings {
		if f.Status == Fault {
			return false
		}
	}
	return true
}
