package problem

import (
	"fmt"
	"strconv"
)

// MaxFaults is how many faults a problem lists. It counts the others.
const MaxFaults = 100

// UnknownField is the detail of the fault of a field that the service does not know. A later
// version of it may.
const UnknownField = "is not a known field"

// Fault says what is wrong with one field.
type Fault struct {
	Pointer string `json:"pointer" doc:"JSON pointer to the field in the body, or the name of the parameter or header; empty in the last fault of a long list, which counts the faults that are not listed"`
	Detail  string `json:"detail"`
	// More is how many faults this one stands for: it is the last of a list that has
	// more than MaxFaults. It is 0 for every other fault.
	More int `json:"-"`
}

// Add appends a fault to a list that Add has made. From MaxFaults on, the last fault
// of the list counts the others.
func Add(list []Fault, f Fault) []Fault {
	listed, more := len(list), 0
	if listed > 0 {
		more = list[listed-1].More
	}
	if more > 0 {
		listed--
	}
	switch {
	case f.More > 0:
		more += f.More
	case listed < MaxFaults:
		list = append(list[:listed:listed], f)
		listed++
	default:
		more++
	}
	if more == 0 {
		return list
	}
	return append(list[:listed], Fault{Detail: "and " + thousands(more) + " more that are not listed", More: more})
}

// Addf is Add with a formatted detail, which it writes only if the list shows it.
func Addf(list []Fault, pointer, format string, args ...any) []Fault {
	if len(list) > MaxFaults {
		return Add(list, Fault{})
	}
	return Add(list, Fault{Pointer: pointer, Detail: fmt.Sprintf(format, args...)})
}

// Bounded is a list that Add makes of the faults.
func Bounded(faults []Fault) []Fault {
	if len(faults) <= MaxFaults {
		return faults
	}
	var list []Fault
	for _, f := range faults {
		list = Add(list, f)
	}
	return list
}

// thousands writes a number with a comma between each three digits.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
