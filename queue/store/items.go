package store

import (
	"errors"
	"fmt"
	"strings"
)

// Reasons for an ItemsError.
var (
	ErrUnknownQueue = errors.New("there is no such queue")
	ErrQueueFull    = errors.New("the queue is full")
	ErrMissingParts = errors.New("a result counts parts that were not sent")
)

// ItemsError is the error of a call about several items that changed nothing,
// because some of the items are at fault.
type ItemsError struct {
	Reason error
	Items  []ItemError
}

// ItemError says what is wrong with one item.
type ItemError struct {
	Index  int // in the call
	Detail string
}

func (e *ItemsError) add(index int, format string, args ...any) {
	e.Items = append(e.Items, ItemError{Index: index, Detail: fmt.Sprintf(format, args...)})
}

func (e *ItemsError) Error() string {
	var b strings.Builder
	b.WriteString(e.Reason.Error())
	for _, item := range e.Items {
		fmt.Fprintf(&b, "; item %d %s", item.Index, item.Detail)
	}
	return b.String()
}

func (e *ItemsError) Unwrap() error { return e.Reason }
