/* What every call to MPI shares: how Go holds MPI's objects, and the end of a
 * call. MPI's own handles are pointers in Open MPI and ints in MPICH, and its
 * names are macros that Go cannot read, so each call goes through one line of C,
 * in the native_*.h file of its subject. All of them return MPI's error code.
 *
 * Memory arrives as char*, because cgo would search a void* for Go pointers at
 * each call. */
#ifndef MPI_NATIVE_H
#define MPI_NATIVE_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

/* A communicator, group, datatype, window, file or message: MPI's handle as a
 * number. Neither library has a handle 0, which stands for no object. */
typedef uintptr_t native_handle;

/* A request has the size of MPI's own handle, because MPI takes arrays of them. */
#ifdef OPEN_MPI
typedef uintptr_t native_request;
#else
typedef int native_request;
#endif
_Static_assert(sizeof(native_request) == sizeof(MPI_Request), "this MPI's requests are of another size");

/* A process's turn in MPI: 1 while a goroutine has it. Go takes it with a
 * compare-and-swap. A call that succeeds gives it back here, where an ordinary
 * store is enough; after an error Go still has it, to ask MPI for the text. */
typedef uint32_t native_turn;

static inline int native_leave(native_turn *turn, int code) {
	if (code == MPI_SUCCESS)
		__atomic_store_n(turn, 0, __ATOMIC_RELEASE);
	return code;
}

/* The memory of the empty slice InPlace. */
extern long long native_in_place[2];

static inline void *native_buffer(char *buf) {
	return buf == (char *)native_in_place ? MPI_IN_PLACE : buf;
}

/* What MPI_Status says to the public, with bytes instead of elements. */
typedef struct {
	int64_t bytes;
	int source, tag, cancelled;
} native_status;

static inline int native_fill(native_status *out, MPI_Status *in) {
	int few = 0;
	out->source = in->MPI_SOURCE;
	out->tag = in->MPI_TAG;
	out->cancelled = 0;
	int code = MPI_Get_count(in, MPI_BYTE, &few);
	out->bytes = few;
	if (code == MPI_SUCCESS && few == MPI_UNDEFINED) { /* more than an int can say */
		MPI_Count bytes = 0;
		code = MPI_Get_elements_x(in, MPI_BYTE, &bytes);
		out->bytes = bytes;
	}
	return code;
}

/* Number types in the order of kindOf in number.go, and after them the pairs in
 * the order of locKindOf. */
enum { native_kinds = 17, native_loc_kinds = 5 };

void native_types(native_handle *types);

#endif
