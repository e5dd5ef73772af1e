package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"foliocast/internal/job"
)

// maxSpec bounds a job's file, in bytes.
const maxSpec = 16 << 20

// readSpec reads a job from a file of JSON, - for in.
func readSpec(path string, in io.Reader) (job.Spec, error) {
	name := path
	if path == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return job.Spec{}, usagef("read the job: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err := io.ReadAll(io.LimitReader(in, maxSpec+1))
	if errors.Is(err, context.Canceled) {
		return job.Spec{}, err
	}
	if err != nil {
		return job.Spec{}, usagef("%s does not hold a job: %w", name, pathless(err))
	}
	if len(text) > maxSpec {
		return job.Spec{}, usagef("%s does not hold a job: it has more than %d bytes", name, maxSpec)
	}
	spec, err := parseSpec(bytes.TrimPrefix(text, []byte("\uFEFF")))
	if err != nil {
		return spec, usagef("%s does not hold a job: %w", name, err)
	}
	return spec, nil
}

// parseSpec reads one job, each field of it once.
func parseSpec(text []byte) (job.Spec, error) {
	var spec job.Spec
	if len(bytes.TrimSpace(text)) == 0 {
		return spec, errors.New("it is empty")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&spec); err != nil {
		return spec, jsonFault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return spec, errors.New("there is more after the job")
	}
	return spec, checkRepeated(json.NewDecoder(bytes.NewReader(text)), "")
}

// jsonFault says in plain words what Go's decoder found wrong.
func jsonFault(err error) error {
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		if e.Field == "" {
			return fmt.Errorf("it is a JSON %s, but must be an object", e.Value)
		}
		return fmt.Errorf("%s must not be a JSON %s", e.Field, e.Value)
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("it is not JSON from byte %d on: %w", e.Offset, err)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends in the middle of the JSON")
	}
	return errors.New(strings.TrimPrefix(err.Error(), "json: "))
}

// checkRepeated reports the first field that an object has twice: the decoder would
// silently take the last one. The text is known to be JSON.
func checkRepeated(d *json.Decoder, name string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		inside := name
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			// The decoder ignores the case of a field, but not that of an asset.
			if inside = fmt.Sprint(key); name == "" {
				inside = strings.ToLower(inside)
			}
			if seen[inside] {
				return fmt.Errorf("it has %s twice", strings.TrimPrefix(name+"/"+inside, "/"))
			}
			seen[inside] = true
		}
		if err := checkRepeated(d, inside); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}
