package mpi

/*
#include "native.h"
*/
import "C"

import "fmt"

// Class is one of MPI's error classes (MPI 3.1, section 8.4). It is an error
// itself, so that errors.Is(err, mpi.ErrTruncate) asks for the class of err.
type Class int

// The classes of errors that this binding returns, and that Open MPI returns from
// the calls bound here.
const (
	ErrBuffer   Class = C.MPI_ERR_BUFFER   // send and receive memory overlap
	ErrCount    Class = C.MPI_ERR_COUNT    // a length or a count does not fit
	ErrType     Class = C.MPI_ERR_TYPE     // the message is not a whole number of elements
	ErrTag      Class = C.MPI_ERR_TAG      // the tag is negative or too large
	ErrComm     Class = C.MPI_ERR_COMM     // the communicator is nil or was freed
	ErrRank     Class = C.MPI_ERR_RANK     // the communicator does not have that rank
	ErrRequest  Class = C.MPI_ERR_REQUEST  // the request is nil, or still in flight at Finalize
	ErrRoot     Class = C.MPI_ERR_ROOT     // the communicator does not have that root
	ErrOp       Class = C.MPI_ERR_OP       // the reduction is unknown or not for this type
	ErrArg      Class = C.MPI_ERR_ARG      // another argument is wrong
	ErrTruncate Class = C.MPI_ERR_TRUNCATE // the message is longer than the receiver's slice
	ErrOther    Class = C.MPI_ERR_OTHER    // wrong moment: after Finalize, or another goroutine is in MPI
	ErrIntern   Class = C.MPI_ERR_INTERN   // a fault inside MPI
)

// Error is MPI's name of the class, such as "MPI_ERR_TRUNCATE".
func (c Class) Error() string {
	switch c {
	case ErrBuffer:
		return "MPI_ERR_BUFFER"
	case ErrCount:
		return "MPI_ERR_COUNT"
	case ErrType:
		return "MPI_ERR_TYPE"
	case ErrTag:
		return "MPI_ERR_TAG"
	case ErrComm:
		return "MPI_ERR_COMM"
	case ErrRank:
		return "MPI_ERR_RANK"
	case ErrRequest:
		return "MPI_ERR_REQUEST"
	case ErrRoot:
		return "MPI_ERR_ROOT"
	case ErrOp:
		return "MPI_ERR_OP"
	case ErrArg:
		return "MPI_ERR_ARG"
	case ErrTruncate:
		return "MPI_ERR_TRUNCATE"
	case ErrOther:
		return "MPI_ERR_OTHER"
	case ErrIntern:
		return "MPI_ERR_INTERN"
	}
	return fmt.Sprintf("MPI error class %d", int(c))
}

// Error says why a call failed: MPI returned an error, or the binding refused the
// call before it reached MPI.
type Error struct {
	Op    string // the call, by MPI's name: "Bcast"
	Class Class
	Code  int    // MPI's code; the class's number when the call never reached MPI
	Text  string // MPI's own sentence, or this package's; it begins with the class
}

// Error returns the call and the sentence.
func (e *Error) Error() string { return "mpi: " + e.Op + ": " + e.Text }

// Unwrap returns the class, for errors.Is.
func (e *Error) Unwrap() error { return e.Class }

// check turns MPI's return code into an error; every native call goes through it.
func check(op string, code C.int) error {
	if code == C.MPI_SUCCESS {
		return nil
	}
	return nativeError(op, code)
}

// nativeError asks MPI what code means. It is separate so that check stays small
// enough to be inlined.
func nativeError(op string, code C.int) *Error {
	var class, length C.int
	if C.MPI_Error_class(code, &class) != C.MPI_SUCCESS {
		class = C.MPI_ERR_OTHER
	}
	e := &Error{Op: op, Class: Class(class), Code: int(code)}
	var text [C.MPI_MAX_ERROR_STRING]C.char
	if C.MPI_Error_string(code, &text[0], &length) != C.MPI_SUCCESS {
		e.Text = e.Class.Error()
		return e
	}
	e.Text = C.GoStringN(&text[0], length)
	return e
}

// refuse is the error of a call that must not reach MPI.
func refuse(op string, class Class, format string, args ...any) *Error {
	text := class.Error() + ": " + fmt.Sprintf(format, args...)
	return &Error{Op: op, Class: class, Code: int(class), Text: text}
}
