package foliocast

import (
	"errors"
	"io"
	"strings"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

const jsonHelp = `
What lists or shows something prints a table, with --output csv CSV for programs, with
--output wide a table with more columns. Times have their offset from UTC.

With --json the answer is one JSON document on standard output. Standard error
then holds one JSON object per line: {"note": …} for what happens on the way and,
as the last line, the error, in the form of RFC 9457:
  title       the kind of error
  detail      what happened
  advice      what to do
  errors      pointer and detail of each field at fault
  job         the job that was waited for
  exit_code   as above
  type, status and request_id from the service that refused the request
Fields that do not apply are left out.
`

// failure is an error in the form in which a person or a program reads it.
type failure struct {
	Type      string          `json:"type,omitzero"`
	Title     string          `json:"title"`
	Status    int             `json:"status,omitzero"`
	Detail    string          `json:"detail"`
	Faults    []problem.Fault `json:"errors,omitzero"`
	Advice    string          `json:"advice,omitzero"`
	RequestID string          `json:"request_id,omitzero"`
	Job       job.ID          `json:"job,omitzero"`
	ExitCode  int             `json:"exit_code"`
}

// failureOf describes an error.
func (a *app) failureOf(err error) failure {
	code := exitCode(err)
	f := failure{Title: exitMeaning(code), Detail: err.Error(), ExitCode: code}
	if u, ok := errors.AsType[*problem.Unreachable](err); ok {
		var known addresses
		if v, err := a.vault(); err == nil {
			known, _ = a.addresses(v)
		}
		name, base := known.serviceName(u.URL)
		if insecure, ok := errors.AsType[*problem.Insecure](err); ok {
			f.Detail = "no secure connection to " + name + " at " + base + ": " + insecure.Error()
			return f
		}
		f.Detail = name + " at " + base + " does not answer: " + u.Err.Error()
		f.Advice = "Start it with foliocast up, or name its address with --state, --url, --auth-url or --queue-url."
		return f
	}
	if p, ok := errors.AsType[*problem.Problem](err); ok {
		f.Type, f.Title, f.Status, f.Detail, f.Faults, f.RequestID = p.Type, p.Title, p.Status, p.Detail, p.Faults, p.RequestID
		if p.Kind() == problem.Unauthorized {
			f.Advice = "Sign in with: foliocast login"
			if a.env(tokenVariable) != "" {
				f.Advice = "Set " + tokenVariable + " to another token, or unset it and sign in with: foliocast login"
			}
		}
		return f
	}
	if i, ok := errors.AsType[*interrupted](err); ok {
		f.Advice, f.Job = i.advice, i.job
	}
	if j, ok := errors.AsType[*jobEnded](err); ok {
		f.Job = j.job.ID
	}
	if u, ok := errors.AsType[*usageError](err); ok && !advises(u.Error()) {
		f.Advice = "See foliocast --help, or --help after any command."
	}
	return f
}

// advises reports whether an error itself says what to type instead.
func advises(text string) bool {
	return strings.Contains(text, "\n") || strings.Contains(text, "--help") || strings.Contains(text, "did you mean")
}

// explain tells what went wrong and what to do.
func (a *app) explain(err error) {
	if err == nil {
		return
	}
	if s, ok := errors.AsType[*reported](err); ok && s.code > 0 && !(a.json && s.textOnly) {
		return
	}
	f := a.failureOf(err)
	if a.json {
		jsonLine(a.err, f)
	} else {
		f.print(a.err)
	}
}

// print writes the failure as lines for a person.
func (f failure) print(w io.Writer) {
	line(w, "foliocast: %s", f.Detail)
	for _, fault := range f.Faults {
		line(w, "  %s", strings.TrimSpace(strings.TrimPrefix(fault.Pointer, "/")+" "+fault.Detail))
	}
	if f.Advice != "" {
		line(w, "%s", f.Advice)
	}
	if f.RequestID != "" && f.Status >= 500 {
		line(w, "The request id is %s.", f.RequestID)
	}
}
