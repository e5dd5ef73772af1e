package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// show prints v as one JSON document, or as text when --json is not given.
func (a *app) show(v any, text func(io.Writer)) error {
	if !a.json {
		out := checked{w: a.out}
		text(&out)
		return out.err
	}
	e := json.NewEncoder(a.out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// checked keeps the first error of a writer, for a text of many lines.
type checked struct {
	w   io.Writer
	err error
}

func (c *checked) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	var n int
	n, c.err = c.w.Write(p)
	return n, c.err
}

// line prints one line. It ignores a failed write: the terminal is gone.
func line(w io.Writer, format string, args ...any) {
	_, _ = fmt.Fprintf(w, format+"\n", args...)
}

// note is something that happens while a person waits.
type note struct {
	Note string `json:"note"`
	Job  job.ID `json:"job,omitzero"`
}

// note says on standard error what happens.
func (a *app) note(format string, args ...any) {
	a.say(a.err, note{Note: fmt.Sprintf(format, args...)})
}

// say prints a note as a line of text or, with --json, of JSON, in one write.
func (a *app) say(w io.Writer, n note) {
	if a.json {
		jsonLine(w, n)
	} else {
		line(w, "%s", n.Note)
	}
}

// jsonLine prints v as one line of JSON, in one write.
func jsonLine(w io.Writer, v any) {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}

// table prints rows under a header. w keeps the error.
func table(w io.Writer, columns []texttable.Column, rows [][]string) {
	_ = texttable.Write(w, columns, rows)
}

// fields prints pairs of a name and a value, one per line. It leaves out empty
// values.
func fields(w io.Writer, pairs ...string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			fmt.Fprintf(t, "%s\t%s\n", pairs[i], pairs[i+1])
		}
	}
	t.Flush()
}
