/* Memory that the ranks of a node share. */
#ifndef MPI_NATIVE_WINDOW_H
#define MPI_NATIVE_WINDOW_H

#include "native.h"

static inline int native_win_allocate_shared(int64_t bytes, int unit, native_handle comm, char **base, native_handle *made) {
	MPI_Win win = MPI_WIN_NULL;
	int code = MPI_Win_allocate_shared(bytes, unit, MPI_INFO_NULL, (MPI_Comm)comm, base, &win);
	if (code == MPI_SUCCESS)
		code = MPI_Win_set_errhandler(win, MPI_ERRORS_RETURN);
	*made = (native_handle)win;
	return code;
}

static inline int native_win_shared_query(native_handle win, int rank, int64_t *bytes, char **base) {
	MPI_Aint size = 0;
	int unit;
	int code = MPI_Win_shared_query((MPI_Win)win, rank, &size, &unit, base);
	*bytes = size;
	return code;
}

static inline int native_win_fence(native_handle win) { return MPI_Win_fence(0, (MPI_Win)win); }

/* Nothing here locks a window for itself alone, so nobody needs to be asked: MPICH would wait for
 * an answer of each rank, which comes when that is next in MPI. */
static inline int native_win_lock_all(native_handle win) { return MPI_Win_lock_all(MPI_MODE_NOCHECK, (MPI_Win)win); }

static inline int native_win_unlock_all(native_handle win) { return MPI_Win_unlock_all((MPI_Win)win); }

static inline int native_win_sync(native_handle win) { return MPI_Win_sync((MPI_Win)win); }

static inline int native_win_free(native_handle win) {
	MPI_Win freed = (MPI_Win)win;
	return MPI_Win_free(&freed);
}

#endif
