/* Collective calls. With a request they do not wait, without one they do. */
#ifndef MPI_NATIVE_COLLECTIVE_H
#define MPI_NATIVE_COLLECTIVE_H

#include "native.h"

/* Reductions that the library has wrong (see native_op.c); 0 when all are right. */
extern int native_repaired;
MPI_Op native_repaired_op(int op, native_handle type);

/* The constants in reduce.go and loc.go. */
static inline MPI_Op native_op(int op, native_handle type) {
	switch (op) {
	case 1: return MPI_SUM;
	case 2: return MPI_PROD;
	case 3: return native_repaired ? native_repaired_op(op, type) : MPI_MIN;
	case 4: return native_repaired ? native_repaired_op(op, type) : MPI_MAX;
	case 5: return MPI_LAND;
	case 6: return MPI_LOR;
	case 7: return MPI_LXOR;
	case 8: return MPI_BAND;
	case 9: return MPI_BOR;
	case 10: return MPI_BXOR;
	case 11: return MPI_MINLOC;
	case 12: return MPI_MAXLOC;
	}
	return MPI_OP_NULL;
}

static inline int native_barrier(native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ibarrier((MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Barrier((MPI_Comm)comm));
}

static inline int native_bcast(char *buf, int count, native_handle type, int root, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ibcast(buf, count, (MPI_Datatype)type, root, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Bcast(buf, count, (MPI_Datatype)type, root, (MPI_Comm)comm));
}

static inline int native_scatter(char *send, char *recv, int count, native_handle type, int root, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iscatter(send, count, (MPI_Datatype)type, native_buffer(recv), count, (MPI_Datatype)type, root, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Scatter(send, count, (MPI_Datatype)type, native_buffer(recv), count, (MPI_Datatype)type, root, (MPI_Comm)comm));
}

static inline int native_gather(char *send, char *recv, int count, native_handle type, int root, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Igather(native_buffer(send), count, (MPI_Datatype)type, recv, count, (MPI_Datatype)type, root, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Gather(native_buffer(send), count, (MPI_Datatype)type, recv, count, (MPI_Datatype)type, root, (MPI_Comm)comm));
}

static inline int native_allgather(char *send, char *recv, int count, native_handle type, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iallgather(native_buffer(send), count, (MPI_Datatype)type, recv, count, (MPI_Datatype)type, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Allgather(native_buffer(send), count, (MPI_Datatype)type, recv, count, (MPI_Datatype)type, (MPI_Comm)comm));
}

static inline int native_alltoall(char *send, char *recv, int count, native_handle type, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ialltoall(native_buffer(send), count, (MPI_Datatype)type, recv, count, (MPI_Datatype)type, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Alltoall(native_buffer(send), count, (MPI_Datatype)type, recv, count, (MPI_Datatype)type, (MPI_Comm)comm));
}

static inline int native_scatterv(char *send, int *counts, int *displs, char *recv, int count, native_handle type, int root, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iscatterv(send, counts, displs, (MPI_Datatype)type, native_buffer(recv), count, (MPI_Datatype)type, root, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Scatterv(send, counts, displs, (MPI_Datatype)type, native_buffer(recv), count, (MPI_Datatype)type, root, (MPI_Comm)comm));
}

static inline int native_gatherv(char *send, int count, char *recv, int *counts, int *displs, native_handle type, int root, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Igatherv(native_buffer(send), count, (MPI_Datatype)type, recv, counts, displs, (MPI_Datatype)type, root, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Gatherv(native_buffer(send), count, (MPI_Datatype)type, recv, counts, displs, (MPI_Datatype)type, root, (MPI_Comm)comm));
}

static inline int native_allgatherv(char *send, int count, char *recv, int *counts, int *displs, native_handle type, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iallgatherv(native_buffer(send), count, (MPI_Datatype)type, recv, counts, displs, (MPI_Datatype)type, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Allgatherv(native_buffer(send), count, (MPI_Datatype)type, recv, counts, displs, (MPI_Datatype)type, (MPI_Comm)comm));
}

static inline int native_alltoallv(char *send, int *send_counts, int *send_displs, char *recv, int *counts, int *displs, native_handle type, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ialltoallv(native_buffer(send), send_counts, send_displs, (MPI_Datatype)type, recv, counts, displs, (MPI_Datatype)type, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Alltoallv(native_buffer(send), send_counts, send_displs, (MPI_Datatype)type, recv, counts, displs, (MPI_Datatype)type, (MPI_Comm)comm));
}

static inline int native_reduce(char *send, char *recv, int count, native_handle type, int op, int root, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ireduce(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), root, (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Reduce(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), root, (MPI_Comm)comm));
}

static inline int native_allreduce(char *send, char *recv, int count, native_handle type, int op, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iallreduce(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Allreduce(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm));
}

static inline int native_reduce_scatter_block(char *send, char *recv, int count, native_handle type, int op, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ireduce_scatter_block(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Reduce_scatter_block(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm));
}

static inline int native_reduce_scatter(char *send, char *recv, int *counts, native_handle type, int op, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Ireduce_scatter(native_buffer(send), recv, counts, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Reduce_scatter(native_buffer(send), recv, counts, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm));
}

static inline int native_scan(char *send, char *recv, int count, native_handle type, int op, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iscan(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Scan(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm));
}

static inline int native_exscan(char *send, char *recv, int count, native_handle type, int op, native_handle comm, native_request *request, native_turn *turn) {
	return native_leave(turn, request
		? MPI_Iexscan(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm, (MPI_Request *)request)
		: MPI_Exscan(native_buffer(send), recv, count, (MPI_Datatype)type, native_op(op, type), (MPI_Comm)comm));
}

#endif
