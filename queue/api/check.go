package api

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"foliocast/internal/problem"
	"foliocast/queue/message"
	"foliocast/queue/store"
)

// faults collects the faults of a request.
type faults []problem.Fault

func (f *faults) add(pointer, format string, args ...any) {
	*f = problem.Addf(*f, pointer, format, args...)
}

// err returns a problem with every fault, or nil without one.
func (f faults) err() error {
	if f == nil {
		return nil
	}
	return problem.New(problem.Invalid, "the request has faults", f...)
}

// place says how a store.ItemsError with one reason is reported to a caller, and
// where the items are in the request.
type place struct {
	reason  error
	kind    problem.Kind
	detail  string
	pointer string // format of item i
}

// pointing turns a store.ItemsError into a problem that points at each item.
// Other errors stay as they are.
func pointing(err error, places ...place) error {
	e, ok := errors.AsType[*store.ItemsError](err)
	if !ok {
		return err
	}
	for _, p := range places {
		if !errors.Is(e, p.reason) {
			continue
		}
		var f faults
		for _, item := range e.Items {
			f = problem.Add(f, problem.Fault{Pointer: fmt.Sprintf(p.pointer, item.Index), Detail: item.Detail})
		}
		return problem.New(p.kind, p.detail, f...)
	}
	return err
}

// once finds items that occur twice in a call.
func once[T any, K comparable](f *faults, items []T, what string, key func(T) K) {
	seen := make(map[K]int, len(items))
	for i, item := range items {
		k := key(item)
		if first, ok := seen[k]; ok {
			f.add(fmt.Sprintf("/items/%d/id", i), "names the %s of item %d again", what, first)
		} else {
			seen[k] = i
		}
	}
}

var idPattern = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// ids checks a list of ids.
func (f *faults) ids(pointer string, ids []message.ID) {
	for i, id := range ids {
		if !idPattern.MatchString(string(id)) {
			f.add(fmt.Sprintf("%s/%d", pointer, i), "must be a UUID in lower case")
		}
	}
}

// maxWait is the longest time that a call waits.
const maxWait = time.Minute

// wait reads how long a caller wants to wait; "" means not at all.
func (f *faults) wait(pointer, s string) time.Duration {
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > maxWait {
		f.add(pointer, "must be a time from 0s to 60s with its unit, as in 30s")
	}
	return d
}
