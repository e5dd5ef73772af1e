package slurm

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// JobID is a job's number in Slurm, with its task where the job is an array.
type JobID string

var idForm = regexp.MustCompile(`^[0-9]+(_[0-9]+)?$`)

// ParseSubmission reads what sbatch --parsable prints: the number and, where there
// are several clusters, a semicolon and the cluster's name.
func ParseSubmission(out string) (JobID, error) {
	id, _, _ := strings.Cut(strings.TrimSpace(out), ";")
	if !idForm.MatchString(id) {
		return "", fmt.Errorf("sbatch printed no job number, but %q", short(out))
	}
	return JobID(id), nil
}

// Job is what Slurm knows of a job.
type Job struct {
	ID       JobID  `json:"id"`
	State    string `json:"state"` // in Slurm's words: PENDING, RUNNING, COMPLETED, TIMEOUT …
	Reason   string `json:"reason,omitempty"`
	ExitCode int    `json:"exit_code"`
	Signal   int    `json:"signal,omitempty"` // that ended the script
	Restarts int    `json:"restarts"`
	Log      string `json:"log,omitempty"`
}

// finals lists the states of a job that has ended.
var finals = []string{"BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED", "TIMEOUT"}

// Final reports whether the job has ended.
func (j Job) Final() bool { return slices.Contains(finals, j.State) }

// ParseJob reads one job as scontrol show job prints it, in lines.
func ParseJob(out string) (Job, error) {
	var j Job
	var code string
	for text := range strings.Lines(out) {
		text = strings.TrimSpace(text)
		// These two take the rest of their line: a path may hold spaces.
		if log, ok := strings.CutPrefix(text, "StdOut="); ok {
			j.Log = log
			continue
		}
		for field := range strings.FieldsSeq(text) {
			name, value, _ := strings.Cut(field, "=")
			switch {
			case name == "JobId" && j.ID == "":
				j.ID = JobID(value)
			case name == "JobState" && j.State == "":
				j.State = value
			case name == "Reason" && j.Reason == "" && value != "None":
				j.Reason = value
			case name == "Restarts":
				j.Restarts, _ = strconv.Atoi(value) // 0 where Slurm prints none
			case name == "ExitCode" && code == "":
				code = value
			}
		}
	}
	if !idForm.MatchString(string(j.ID)) || j.State == "" {
		return Job{}, fmt.Errorf("scontrol described no job, but %q", short(out))
	}
	status, signal, ok := strings.Cut(code, ":")
	var errs [2]error
	j.ExitCode, errs[0] = strconv.Atoi(status)
	j.Signal, errs[1] = strconv.Atoi(signal)
	if !ok || errs[0] != nil || errs[1] != nil {
		return Job{}, fmt.Errorf("scontrol gave job %s the exit code %q", j.ID, code)
	}
	return j, nil
}

// short returns the beginning of another program's output, for an error.
func short(text string) string {
	const most = 200
	text = strings.TrimSpace(text)
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}
