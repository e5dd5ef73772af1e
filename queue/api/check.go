package api

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"foliocast/internal/problem"
	"foliocast/queue/message"
)

// faults collects what is wrong with a request.
type faults []problem.Fault

func (f *faults) add(pointer, format string, args ...any) {
	*f = append(*f, problem.Fault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// err is a problem with every fault, or nil.
func (f faults) err() error {
	if f == nil {
		return nil
	}
	return problem.New(problem.Invalid, "the request has faults", f...)
}

// text checks what the database cannot hold as text.
func (f *faults) text(pointer, s string) {
	if strings.ContainsRune(s, 0) {
		f.add(pointer, "must not contain the character NUL")
	}
}

// json checks a value that is stored byte for byte. The router has read it as
// JSON, which says nothing of the encoding inside of strings.
func (f *faults) json(pointer string, v json.RawMessage) {
	if !utf8.Valid(v) {
		f.add(pointer, "must be UTF-8")
	}
}

// once finds items that stand twice in a call.
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

// maxWait is the longest that a call waits.
const maxWait = time.Minute

// wait reads how long a caller wants to wait; "" is not at all.
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
