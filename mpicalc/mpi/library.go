package mpi

/*
#include <mpi.h>
*/
import "C"

// Version is the version of the MPI standard that the library implements, such as 3 and 1
// (MPI 3.1, section 8.1.1). Any goroutine may call it at any moment, even before Init.
func Version() (major, minor int) {
	var first, second C.int
	C.MPI_Get_version(&first, &second)
	return int(first), int(second)
}

// Library is the library's own description of itself, such as "Open MPI v4.1.4, package: …"
// (MPI 3.1, section 8.1.1). Any goroutine may call it at any moment, even before Init.
func Library() string {
	var text [C.MPI_MAX_LIBRARY_VERSION_STRING]C.char
	var length C.int
	if C.MPI_Get_library_version(&text[0], &length) != C.MPI_SUCCESS {
		return ""
	}
	return C.GoStringN(&text[0], length)
}
