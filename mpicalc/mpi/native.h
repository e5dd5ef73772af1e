/* One line of C for each MPI call that Go makes: the element type and the
 * reduction arrive as small numbers, because MPI's own names for them are macros
 * that Go cannot read. Memory is char*, because cgo would search a void* for Go
 * pointers at each call. Every function returns MPI's error code. */
#ifndef FOLIOCAST_MPI_NATIVE_H
#define FOLIOCAST_MPI_NATIVE_H

#include <mpi.h>
#include <stddef.h>
#include <stdint.h>

/* A communicator as Go holds it: MPI's pointer as a number, which cgo does not
 * search either. */
typedef uintptr_t native_comm;

/* The type that kindOf in number.go encodes. */
static inline MPI_Datatype native_type(int kind) {
	switch (kind) {
	case 0: return MPI_INT8_T;
	case 1: return MPI_INT16_T;
	case 2: return MPI_INT32_T;
	case 3: return MPI_INT64_T;
	case 4: return MPI_UINT8_T;
	case 5: return MPI_UINT16_T;
	case 6: return MPI_UINT32_T;
	case 7: return MPI_UINT64_T;
	case 10: return MPI_FLOAT;
	case 11: return MPI_DOUBLE;
	}
	return MPI_DATATYPE_NULL;
}

/* The constants in reduce.go. */
static inline MPI_Op native_op(int op) {
	switch (op) {
	case 1: return MPI_SUM;
	case 2: return MPI_PROD;
	case 3: return MPI_MIN;
	case 4: return MPI_MAX;
	case 5: return MPI_LAND;
	case 6: return MPI_LOR;
	case 7: return MPI_BAND;
	case 8: return MPI_BOR;
	}
	return MPI_OP_NULL;
}

static inline int native_init(int required, int *provided) {
	int code = MPI_Init_thread(NULL, NULL, required, provided);
	if (code == MPI_SUCCESS)
		code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	if (code == MPI_SUCCESS)
		code = MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
	return code;
}

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

static inline native_comm native_world(void) { return (native_comm)MPI_COMM_WORLD; }

static inline int native_rank_and_size(native_comm comm, int *rank, int *size) {
	int code = MPI_Comm_rank((MPI_Comm)comm, rank);
	return code == MPI_SUCCESS ? MPI_Comm_size((MPI_Comm)comm, size) : code;
}

static inline int native_barrier(native_comm comm) {
	return MPI_Barrier((MPI_Comm)comm);
}

/* part becomes 0 at a rank that is in no part. */
static inline int native_split(native_comm comm, int color, int key, native_comm *part) {
	MPI_Comm made = MPI_COMM_NULL;
	int code = MPI_Comm_split((MPI_Comm)comm, color, key, &made);
	*part = made == MPI_COMM_NULL ? 0 : (native_comm)made;
	return code;
}

static inline int native_split_shared(native_comm comm, native_comm *part) {
	MPI_Comm made = MPI_COMM_NULL;
	int code = MPI_Comm_split_type((MPI_Comm)comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &made);
	*part = (native_comm)made;
	return code;
}

static inline int native_free(native_comm comm) {
	MPI_Comm freed = (MPI_Comm)comm;
	return MPI_Comm_free(&freed);
}

static inline int native_send(char *buf, int count, int kind, int dest, int tag, native_comm comm) {
	return MPI_Send(buf, count, native_type(kind), dest, tag, (MPI_Comm)comm);
}

/* The public part of MPI_Status. */
typedef struct {
	int source, tag, count;
} native_status;

static inline int native_fill(native_status *out, MPI_Status *in, int kind) {
	out->source = in->MPI_SOURCE;
	out->tag = in->MPI_TAG;
	return MPI_Get_count(in, native_type(kind), &out->count);
}

static inline int native_recv(char *buf, int count, int kind, int source, int tag, native_comm comm, native_status *out) {
	MPI_Status status;
	int code = MPI_Recv(buf, count, native_type(kind), source, tag, (MPI_Comm)comm, &status);
	return code == MPI_SUCCESS ? native_fill(out, &status, kind) : code;
}

static inline int native_probe(int kind, int source, int tag, native_comm comm, native_status *out) {
	MPI_Status status;
	int code = MPI_Probe(source, tag, (MPI_Comm)comm, &status);
	return code == MPI_SUCCESS ? native_fill(out, &status, kind) : code;
}

static inline int native_iprobe(int kind, int source, int tag, native_comm comm, int *flag, native_status *out) {
	MPI_Status status;
	int code = MPI_Iprobe(source, tag, (MPI_Comm)comm, flag, &status);
	return code == MPI_SUCCESS && *flag ? native_fill(out, &status, kind) : code;
}

static inline int native_bcast(char *buf, int count, int kind, int root, native_comm comm) {
	return MPI_Bcast(buf, count, native_type(kind), root, (MPI_Comm)comm);
}

static inline int native_ibcast(char *buf, int count, int kind, int root, native_comm comm, MPI_Request *request) {
	return MPI_Ibcast(buf, count, native_type(kind), root, (MPI_Comm)comm, request);
}

static inline int native_test(MPI_Request *request, int *flag) {
	return MPI_Test(request, flag, MPI_STATUS_IGNORE);
}

static inline int native_wait(MPI_Request *request) {
	return MPI_Wait(request, MPI_STATUS_IGNORE);
}

static inline int native_scatterv(char *send, int *counts, int *displs, char *recv, int count, int kind, int root, native_comm comm) {
	return MPI_Scatterv(send, counts, displs, native_type(kind), recv, count, native_type(kind), root, (MPI_Comm)comm);
}

static inline int native_gatherv(char *send, int count, char *recv, int *counts, int *displs, int kind, int root, native_comm comm) {
	return MPI_Gatherv(send, count, native_type(kind), recv, counts, displs, native_type(kind), root, (MPI_Comm)comm);
}

static inline int native_allgather(char *send, int count, char *recv, int kind, native_comm comm) {
	return MPI_Allgather(send, count, native_type(kind), recv, count, native_type(kind), (MPI_Comm)comm);
}

static inline int native_allgatherv(char *send, int count, char *recv, int *counts, int *displs, int kind, native_comm comm) {
	return MPI_Allgatherv(send, count, native_type(kind), recv, counts, displs, native_type(kind), (MPI_Comm)comm);
}

static inline int native_reduce(char *send, char *recv, int count, int kind, int op, int root, native_comm comm) {
	return MPI_Reduce(send, recv, count, native_type(kind), native_op(op), root, (MPI_Comm)comm);
}

static inline int native_allreduce(char *send, char *recv, int count, int kind, int op, native_comm comm) {
	return MPI_Allreduce(send, recv, count, native_type(kind), native_op(op), (MPI_Comm)comm);
}

#endif
