#include "native.h"
#include "native_message.h"
#include <time.h>

long long native_in_place[2];

void native_types(native_handle *types) {
	MPI_Datatype all[native_kinds + native_loc_kinds] = {
		MPI_INT8_T, MPI_INT16_T, MPI_INT32_T, MPI_INT64_T,
		MPI_UINT8_T, MPI_UINT16_T, MPI_UINT32_T, MPI_UINT64_T,
		MPI_DATATYPE_NULL, MPI_DATATYPE_NULL, MPI_FLOAT, MPI_DOUBLE,
		MPI_DATATYPE_NULL, MPI_DATATYPE_NULL, MPI_DATATYPE_NULL, MPI_C_FLOAT_COMPLEX, MPI_C_DOUBLE_COMPLEX,
		MPI_SHORT_INT, MPI_2INT, MPI_LONG_INT, MPI_FLOAT_INT, MPI_DOUBLE_INT,
	};
	for (int i = 0; i < native_kinds + native_loc_kinds; i++)
		types[i] = (native_handle)all[i];
}

/* Room for the statuses of as many requests as most programs wait for. */
enum { native_few = 32 };

static MPI_Status *native_statuses(int n, MPI_Status *few) {
	return n <= native_few ? few : malloc(n * sizeof *few);
}

static int native_class(int code) {
	int class = code;
	return MPI_Error_class(code, &class) == MPI_SUCCESS ? class : code;
}

/* How one of several requests ended, of which some failed. */
static void native_judge(native_outcome *out, MPI_Status *status, int failed) {
	int receives = out->code;
	out->code = failed ? status->MPI_ERROR : MPI_SUCCESS;
	if (out->code != MPI_SUCCESS && native_class(out->code) == MPI_ERR_PENDING)
		out->code = native_pending;
	if (out->code == MPI_SUCCESS && receives)
		out->code = native_finish(&out->status, status);
}

/* native_waitall waits for all requests, or tests all, one after the other: out[i] says how
 * request i ended, and on entry out[i].code whether it receives, so that its status is
 * wanted. MPI_Waitall of Open MPI 4.1.4 hangs when a request has failed before the call (at
 * MPI_THREAD_SERIALIZED), and waiting for each in turn takes no longer. */
void native_waitall(int n, native_request *requests, int wait, native_outcome *out) {
	for (int i = 0; i < n; i++) {
		MPI_Status status;
		int receives = out[i].code, flag = 1;
		int code = wait ? MPI_Wait((MPI_Request *)&requests[i], &status) : MPI_Test((MPI_Request *)&requests[i], &flag, &status);
		if (code == MPI_SUCCESS && !flag)
			code = native_pending;
		if (code == MPI_SUCCESS && receives)
			code = native_finish(&out[i].status, &status);
		out[i].code = code;
	}
}

/* native_waitsome waits for at least one request, or tests them all. Those that
 * ended are requests[indices[0]] and so on; out is as in native_waitall. */
int native_waitsome(int n, native_request *requests, int wait, int *count, int *indices, native_outcome *out) {
	MPI_Status few[native_few], *all = native_statuses(n, few);
	if (all == NULL)
		return MPI_ERR_NO_MEM;
	int code = wait ? MPI_Waitsome(n, (MPI_Request *)requests, count, indices, all)
		: MPI_Testsome(n, (MPI_Request *)requests, count, indices, all);
	int failed = code != MPI_SUCCESS && native_class(code) == MPI_ERR_IN_STATUS;
	if (failed || code == MPI_SUCCESS) {
		for (int i = 0; *count != MPI_UNDEFINED && i < *count; i++)
			native_judge(&out[indices[i]], &all[i], failed);
		code = MPI_SUCCESS;
	}
	if (all != few)
		free(all);
	return code;
}

static int64_t native_now(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* MPI receives a message in one call, and only the next one finds it. */
enum { native_tests = 2 };

/* native_wait_sleeping waits for a request: with tests alone for spin nanoseconds, and then
 * with a sleep before each further look, of a sixteenth of the time waited so far but at most
 * longest. Without the turn, which it gives back while it sleeps, it returns. The loop is in C
 * because a sleep costs Go's scheduler more than the look. */
int native_wait_sleeping(native_request *request, int64_t spin, int64_t longest, native_status *out, native_turn *turn) {
	const int64_t begin = native_now();
	for (;;) {
		MPI_Status status;
		int code = MPI_SUCCESS, done = 0;
		for (int i = 0; i < native_tests && code == MPI_SUCCESS && !done; i++)
			code = MPI_Test((MPI_Request *)request, &done, &status);
		if (code != MPI_SUCCESS)
			return code;
		if (done)
			return native_finish(out, &status);
		int64_t waited = native_now() - begin, pause = waited / 16;
		if (waited < spin || longest <= 0)
			continue;
		if (pause > longest)
			pause = longest;
		native_leave(turn, MPI_SUCCESS);
		nanosleep(&(struct timespec){pause / 1000000000, pause % 1000000000}, NULL);
		native_turn free = 0;
		if (!__atomic_compare_exchange_n(turn, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return native_no_turn;
	}
}
