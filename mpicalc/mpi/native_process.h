/* Start, end, errors and facts of the library. */
#ifndef MPI_NATIVE_PROCESS_H
#define MPI_NATIVE_PROCESS_H

#include "native.h"

/* Replaces reductions that the library has wrong. */
int native_repair(void);

int native_init(int required, int *provided);
int native_finalize(void);

static inline int native_initialized(void) {
	int flag = 0;
	MPI_Initialized(&flag);
	return flag;
}

static inline int native_finalized(void) {
	int flag = 0;
	MPI_Finalized(&flag);
	return flag;
}

static inline int native_abort(int code) { return MPI_Abort(MPI_COMM_WORLD, code); }

static inline native_handle native_world(void) { return (native_handle)MPI_COMM_WORLD; }

static inline native_handle native_self(void) { return (native_handle)MPI_COMM_SELF; }

/* The largest tag; the standard promises 32767. */
static inline int native_tag_limit(int *limit) {
	int *value = NULL, flag = 0;
	int code = MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &value, &flag);
	*limit = code == MPI_SUCCESS && flag ? *value : 32767;
	return code;
}

#endif
