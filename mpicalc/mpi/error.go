package mpi

/*
#include <mpi.h>
*/
import "C"

import (
	"fmt"
	"strings"
)

// Class is one of MPI's error classes (MPI 3.1, section 8.4). It is an error
// itself, so that errors.Is(err, mpi.ErrTruncate) asks for the class of err.
type Class int

// The classes of errors that this binding returns, and that MPI returns from the
// calls bound here. Their numbers differ between libraries.
const (
	ErrBuffer     Class = C.MPI_ERR_BUFFER       // send and receive memory overlap
	ErrCount      Class = C.MPI_ERR_COUNT        // a length or a count does not fit
	ErrType       Class = C.MPI_ERR_TYPE         // the message is not a whole number of elements, or a derived type is wrong
	ErrTag        Class = C.MPI_ERR_TAG          // the tag is negative or above TagLimit
	ErrComm       Class = C.MPI_ERR_COMM         // the communicator is nil or was freed
	ErrRank       Class = C.MPI_ERR_RANK         // the communicator does not have that rank
	ErrRequest    Class = C.MPI_ERR_REQUEST      // the request is nil, or still in flight at Finalize
	ErrRoot       Class = C.MPI_ERR_ROOT         // the communicator does not have that root
	ErrGroup      Class = C.MPI_ERR_GROUP        // the group is nil or was freed
	ErrOp         Class = C.MPI_ERR_OP           // the reduction is unknown or not for this type
	ErrTopology   Class = C.MPI_ERR_TOPOLOGY     // the communicator is no grid
	ErrDims       Class = C.MPI_ERR_DIMS         // a grid's dimensions do not fit
	ErrArg        Class = C.MPI_ERR_ARG          // another argument is wrong
	ErrTruncate   Class = C.MPI_ERR_TRUNCATE     // the message is longer than the receiver's slice
	ErrInStatus   Class = C.MPI_ERR_IN_STATUS    // one of several parts of a call failed
	ErrOther      Class = C.MPI_ERR_OTHER        // wrong moment: after Finalize, or another goroutine is in MPI
	ErrIntern     Class = C.MPI_ERR_INTERN       // a fault inside MPI
	ErrUnknown    Class = C.MPI_ERR_UNKNOWN      // a fault without a class
	ErrNoMem      Class = C.MPI_ERR_NO_MEM       // MPI has no memory left
	ErrWin        Class = C.MPI_ERR_WIN          // the window is nil or was freed
	ErrFile       Class = C.MPI_ERR_FILE         // the file is nil or was closed
	ErrNoSuchFile Class = C.MPI_ERR_NO_SUCH_FILE // the file does not exist
	ErrFileExists Class = C.MPI_ERR_FILE_EXISTS  // the file exists
	ErrBadFile    Class = C.MPI_ERR_BAD_FILE     // the name is not one of a file
	ErrAccess     Class = C.MPI_ERR_ACCESS       // permission denied
	ErrAmode      Class = C.MPI_ERR_AMODE        // the modes contradict each other, or the file was not opened for this
	ErrReadOnly   Class = C.MPI_ERR_READ_ONLY    // the file or its file system is read-only
	ErrNoSpace    Class = C.MPI_ERR_NO_SPACE     // the disk is full
	ErrQuota      Class = C.MPI_ERR_QUOTA        // the quota is used up
	ErrIO         Class = C.MPI_ERR_IO           // another fault of input or output
)

// classNames are MPI's names of the classes.
var classNames = map[Class]string{
	ErrBuffer:     "MPI_ERR_BUFFER",
	ErrCount:      "MPI_ERR_COUNT",
	ErrType:       "MPI_ERR_TYPE",
	ErrTag:        "MPI_ERR_TAG",
	ErrComm:       "MPI_ERR_COMM",
	ErrRank:       "MPI_ERR_RANK",
	ErrRequest:    "MPI_ERR_REQUEST",
	ErrRoot:       "MPI_ERR_ROOT",
	ErrGroup:      "MPI_ERR_GROUP",
	ErrOp:         "MPI_ERR_OP",
	ErrTopology:   "MPI_ERR_TOPOLOGY",
	ErrDims:       "MPI_ERR_DIMS",
	ErrArg:        "MPI_ERR_ARG",
	ErrTruncate:   "MPI_ERR_TRUNCATE",
	ErrInStatus:   "MPI_ERR_IN_STATUS",
	ErrOther:      "MPI_ERR_OTHER",
	ErrIntern:     "MPI_ERR_INTERN",
	ErrUnknown:    "MPI_ERR_UNKNOWN",
	ErrNoMem:      "MPI_ERR_NO_MEM",
	ErrWin:        "MPI_ERR_WIN",
	ErrFile:       "MPI_ERR_FILE",
	ErrNoSuchFile: "MPI_ERR_NO_SUCH_FILE",
	ErrFileExists: "MPI_ERR_FILE_EXISTS",
	ErrBadFile:    "MPI_ERR_BAD_FILE",
	ErrAccess:     "MPI_ERR_ACCESS",
	ErrAmode:      "MPI_ERR_AMODE",
	ErrReadOnly:   "MPI_ERR_READ_ONLY",
	ErrNoSpace:    "MPI_ERR_NO_SPACE",
	ErrQuota:      "MPI_ERR_QUOTA",
	ErrIO:         "MPI_ERR_IO",
}

// Error is MPI's name of the class, such as "MPI_ERR_TRUNCATE".
func (c Class) Error() string {
	if name, ok := classNames[c]; ok {
		return name
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
	e.Text = sentence(e.Class, C.GoStringN(&text[0], length))
	return e
}

// sentence is MPI's text on one line, beginning with the class, as Open MPI has it. MPICH
// has several lines: a general one, the call with its arguments, and the cause.
func sentence(class Class, text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	text = strings.TrimSuffix(lines[0], ", error stack:")
	if len(lines) > 1 {
		_, cause, _ := strings.Cut(lines[len(lines)-1], ": ") // behind the place in MPICH
		if cause = strings.TrimSpace(cause); strings.HasPrefix(cause, text) {
			text = cause
		} else {
			text += ": " + cause
		}
	}
	if name := class.Error(); !strings.HasPrefix(text, name) {
		return name + ": " + text
	}
	return text
}

// refuse is the error of a call that must not reach MPI.
func refuse(op string, class Class, format string, args ...any) *Error {
	text := class.Error() + ": " + fmt.Sprintf(format, args...)
	return &Error{Op: op, Class: class, Code: int(class), Text: text}
}
