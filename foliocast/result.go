package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"foliocast/internal/job"
)

func (a *app) jobResult() *cobra.Command {
	var format, output string
	c := &cobra.Command{
		Use: "result JOB", Short: "Show the forecast of a job that has ended",
		Long: "Show the forecast of a job that has ended as a table, or write it in another format.",
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if a.json {
				format = "json"
			}
			if !slices.Contains([]string{"table", "json", "csv", "arrows"}, format) {
				return usagef("--format must be table, json, csv or arrows, is %q", format)
			}
			s, err := a.services()
			if err != nil {
				return err
			}
			id := job.ID(args[0])
			out, done, err := a.output(output)
			if err != nil {
				return err
			}
			if format == "csv" || format == "arrows" {
				return done(s.frontend.Result(c.Context(), id, mediaType(format), out))
			}
			answer, err := s.frontend.Answer(c.Context(), id)
			if err == nil {
				b := &app{out: out, json: format == "json"}
				err = b.show(answer, func(w io.Writer) { printAnswer(w, answer) })
			}
			return done(err)
		},
	}
	c.Flags().StringVar(&format, "format", "table", "table, json, csv or arrows (an Arrow stream)")
	c.Flags().StringVar(&output, "output", "", "write to this file instead of standard output")
	return c
}

// output is standard output, or a file that is there under its name only when
// all of it is: done ends it with the error of writing it. A device or a pipe
// is written directly: nothing takes its place.
func (a *app) output(path string) (out io.Writer, done func(error) error, err error) {
	if path == "" {
		return a.out, func(err error) error { return err }, nil
	}
	temporary, flags := path+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		temporary, flags = path, os.O_WRONLY
	}
	f, err := os.OpenFile(temporary, flags, 0o644)
	if err != nil {
		return nil, nil, usagef("--output %s cannot be made: %w", path, pathless(err))
	}
	return f, func(err error) error {
		if fault := f.Close(); err == nil {
			err = fault
		}
		if temporary == path {
			return unwritten(path, err)
		}
		if err == nil {
			err = os.Rename(temporary, path)
		}
		if err != nil {
			_ = os.Remove(temporary)
		}
		return unwritten(path, err)
	}, nil
}

// unwritten names the output in an error of writing it, and leaves others.
func unwritten(path string, err error) error {
	if cause := pathless(err); cause != err {
		return fmt.Errorf("--output %s cannot be written: %w", path, cause)
	}
	return err
}

// pathless is the cause of an error about a file that a person knows by
// another name.
func pathless(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.Err
	}
	return err
}
