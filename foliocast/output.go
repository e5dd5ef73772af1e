package foliocast

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"foliocast/internal/job"
	"foliocast/internal/texttable"
)

// list prints a sheet as a table or as CSV, or v as one JSON document.
func (a *app) list(v any, s sheet) error {
	return a.view(v, s, func(w io.Writer) { a.table(w, s) })
}

// record prints the only row of a sheet, a line for each cell, or as list does.
func (a *app) record(v any, s sheet) error { return a.view(v, s, s.fields) }

// view prints a sheet as text does, or as list does.
func (a *app) view(v any, s sheet, text func(io.Writer)) error {
	if a.format == asCSV {
		_, err := s.csv(a.out)
		return err
	}
	return a.show(v, text)
}

// table prints a sheet for people.
func (a *app) table(w io.Writer, s sheet) { s.table(w, a.format == asWide, a.colors()) }

// colors reports whether standard output is a terminal that shows colours to somebody who wants them.
func (a *app) colors() bool {
	return terminal(a.out) && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"
}

// show prints v as one JSON document, or as text when --json is not given.
func (a *app) show(v any, text func(io.Writer)) error {
	if !a.json {
		out := checked{w: a.out}
		text(&out)
		return out.err
	}
	document, err := jsonText(v, "  ")
	if err != nil {
		return err
	}
	_, err = a.out.Write(document)
	return err
}

// jsonText is v as JSON that controls no terminal, and a line feed.
func jsonText(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetIndent("", indent)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return texttable.PrintableJSON(b.Bytes()), err
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

// line prints a line, or several. What services and files say may be in it, and so it
// has nothing that controls a terminal. It ignores a failed write: the terminal is gone.
func line(w io.Writer, format string, args ...any) {
	_, _ = io.WriteString(w, texttable.PrintableLines(fmt.Sprintf(format, args...))+"\n")
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
	text, _ := jsonText(v, "")
	_, _ = w.Write(text)
}
