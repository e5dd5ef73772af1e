/* Messages between two ranks, and requests. A call with a request does not
 * wait, a call without one does. */
#ifndef MPI_NATIVE_MESSAGE_H
#define MPI_NATIVE_MESSAGE_H

#include "native.h"

#include <stdlib.h>
#include <string.h>

static inline int native_send(char *buf, int count, native_handle type, int dest, int tag, native_handle comm, native_turn *turn) {
	return native_leave(turn, MPI_Send(buf, count, (MPI_Datatype)type, dest, tag, (MPI_Comm)comm));
}

static inline int native_isend(char *buf, int count, native_handle type, int dest, int tag, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, MPI_Isend(buf, count, (MPI_Datatype)type, dest, tag, (MPI_Comm)comm, (MPI_Request *)request));
}

/* A short message is copied, so that nobody needs Go's memory afterwards, and most are sent
 * at once: then *done is 1 and the turn is given back. Otherwise the request has *stage. */
enum { native_short = 1024 };

static inline int native_isend_short(char *buf, int bytes, int count, native_handle type, int dest, int tag, native_handle comm,
		native_handle *stage, native_request *request, int *done, native_turn *turn) {
	*done = 0;
	if (*stage == 0 && (*stage = (native_handle)malloc(native_short)) == 0)
		return MPI_ERR_NO_MEM;
	memcpy((char *)*stage, buf, bytes);
	int code = MPI_Isend((char *)*stage, count, (MPI_Datatype)type, dest, tag, (MPI_Comm)comm, (MPI_Request *)request);
	if (code == MPI_SUCCESS)
		code = MPI_Test((MPI_Request *)request, done, MPI_STATUS_IGNORE);
	return *done ? native_leave(turn, code) : code;
}

static inline void native_free_stage(native_handle stage) { free((char *)stage); }

static inline int native_recv(char *buf, int count, native_handle type, int source, int tag, native_handle comm, native_status *out, native_turn *turn) {
	MPI_Status status;
	int code = MPI_Recv(buf, count, (MPI_Datatype)type, source, tag, (MPI_Comm)comm, &status);
	if (code == MPI_SUCCESS)
		code = native_fill(out, &status);
	return native_leave(turn, code);
}

static inline int native_irecv(char *buf, int count, native_handle type, int source, int tag, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, MPI_Irecv(buf, count, (MPI_Datatype)type, source, tag, (MPI_Comm)comm, (MPI_Request *)request));
}

static inline int native_sendrecv(char *send, int send_count, native_handle send_type, int dest, int send_tag,
		char *recv, int recv_count, native_handle recv_type, int source, int recv_tag,
		native_handle comm, native_status *out, native_turn *turn) {
	MPI_Status status;
	int code = MPI_Sendrecv(send, send_count, (MPI_Datatype)send_type, dest, send_tag,
		recv, recv_count, (MPI_Datatype)recv_type, source, recv_tag, (MPI_Comm)comm, &status);
	if (code == MPI_SUCCESS)
		code = native_fill(out, &status);
	return native_leave(turn, code);
}

static inline int native_probe(int source, int tag, native_handle comm, native_status *out, native_turn *turn) {
	MPI_Status status;
	int code = MPI_Probe(source, tag, (MPI_Comm)comm, &status);
	if (code == MPI_SUCCESS)
		code = native_fill(out, &status);
	return native_leave(turn, code);
}

static inline int native_iprobe(int source, int tag, native_handle comm, int *flag, native_status *out, native_turn *turn) {
	MPI_Status status;
	int code = MPI_Iprobe(source, tag, (MPI_Comm)comm, flag, &status);
	if (code == MPI_SUCCESS && *flag)
		code = native_fill(out, &status);
	return native_leave(turn, code);
}

/* message becomes 0 when it is MPI_MESSAGE_NO_PROC. */
static inline int native_improbe(int wait, int source, int tag, native_handle comm, int *flag, native_handle *message, native_status *out, native_turn *turn) {
	MPI_Status status;
	MPI_Message found = MPI_MESSAGE_NULL;
	*flag = wait;
	int code = wait ? MPI_Mprobe(source, tag, (MPI_Comm)comm, &found, &status)
		: MPI_Improbe(source, tag, (MPI_Comm)comm, flag, &found, &status);
	if (code == MPI_SUCCESS && *flag)
		code = native_fill(out, &status);
	*message = found == MPI_MESSAGE_NO_PROC ? 0 : (native_handle)found;
	return native_leave(turn, code);
}

static inline int native_mrecv(char *buf, int count, native_handle type, native_handle message, native_status *out, native_turn *turn) {
	MPI_Status status;
	MPI_Message received = message == 0 ? MPI_MESSAGE_NO_PROC : (MPI_Message)message;
	int code = MPI_Mrecv(buf, count, (MPI_Datatype)type, &received, &status);
	if (code == MPI_SUCCESS)
		code = native_fill(out, &status);
	return native_leave(turn, code);
}

static inline int native_imrecv(char *buf, int count, native_handle type, native_handle message, native_request *request, native_turn *turn) {
	MPI_Message received = message == 0 ? MPI_MESSAGE_NO_PROC : (MPI_Message)message;
	return native_leave(turn, MPI_Imrecv(buf, count, (MPI_Datatype)type, &received, (MPI_Request *)request));
}

/* Requests. The caller keeps its turn, because it has books to close. */

static inline int native_finish(native_status *out, MPI_Status *status) {
	int code = native_fill(out, status);
	return code == MPI_SUCCESS ? MPI_Test_cancelled(status, &out->cancelled) : code;
}

static inline int native_wait(native_request *request, native_status *out) {
	MPI_Status status;
	int code = MPI_Wait((MPI_Request *)request, &status);
	return code == MPI_SUCCESS ? native_finish(out, &status) : code;
}

static inline int native_test(native_request *request, int *flag, native_status *out) {
	MPI_Status status;
	int code = MPI_Test((MPI_Request *)request, flag, &status);
	return code == MPI_SUCCESS && *flag ? native_finish(out, &status) : code;
}

/* What native_wait_sleeping returns when another goroutine was in MPI after a sleep. */
enum { native_no_turn = -2 };

int native_wait_sleeping(native_request *request, int64_t spin, int64_t longest, native_status *out, native_turn *turn);

static inline int native_cancel(native_request *request) { return MPI_Cancel((MPI_Request *)request); }

enum { native_pending = -1 };

/* How request i of several ended: native_pending when it has not. */
typedef struct {
	native_status status;
	int code;
} native_outcome;

void native_waitall(int n, native_request *requests, int wait, native_outcome *out);
int native_waitsome(int n, native_request *requests, int wait, int *count, int *indices, native_outcome *out);

static inline int native_waitany(int n, native_request *requests, int wait, int *index, int *flag, native_status *out) {
	MPI_Status status;
	*flag = 1;
	int code = wait ? MPI_Waitany(n, (MPI_Request *)requests, index, &status)
		: MPI_Testany(n, (MPI_Request *)requests, index, flag, &status);
	return code == MPI_SUCCESS && *flag && *index != MPI_UNDEFINED ? native_finish(out, &status) : code;
}

#endif
