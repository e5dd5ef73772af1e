package foliocast

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
	name, text, err := readJobs(path, in)
	if err != nil {
		return job.Spec{}, err
	}
	spec, err := parseSpec(text)
	if err != nil {
		return spec, usagef("%s does not hold a job: %w", name, err)
	}
	return spec, nil
}

// readSpecs reads the jobs of a file with one in JSON on each line, - for in. Empty lines are
// passed over.
func readSpecs(path string, in io.Reader) ([]job.Spec, error) {
	name, text, err := readJobs(path, in)
	if err != nil {
		return nil, err
	}
	var all []job.Spec
	for i, one := range bytes.Split(text, []byte("\n")) {
		if len(bytes.TrimSpace(one)) == 0 {
			continue
		}
		spec, err := parseSpec(one)
		if err != nil {
			return nil, usagef("line %d of %s does not hold a job: %w", i+1, name, err)
		}
		if spec.Assets == nil {
			spec.Assets = []string{} // the service would complain of null, not of a missing asset
		}
		all = append(all, spec)
	}
	if len(all) == 0 {
		return nil, usagef("%s does not hold a job: it is empty", name)
	}
	return all, nil
}

// readJobs reads a file of jobs, - for in, and returns how messages name it.
func readJobs(path string, in io.Reader) (name string, text []byte, err error) {
	name = path
	if path == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(path)
		if err != nil {
			return name, nil, usagef("read the job: %w", err)
		}
		defer f.Close()
		in = f
	}
	text, err = io.ReadAll(io.LimitReader(in, maxSpec+1))
	switch {
	case errors.Is(err, context.Canceled):
		return name, nil, err
	case err != nil:
		return name, nil, usagef("%s does not hold a job: %w", name, pathless(err))
	case len(text) > maxSpec:
		return name, nil, usagef("%s does not hold a job: it has more than %d bytes", name, maxSpec)
	}
	return name, bytes.TrimPrefix(text, []byte("\uFEFF")), nil
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
