/* One line of C for each MPI call that Go makes: the element type and the
 * reduction arrive as small numbers, because MPI's own names for them are macros
 * that Go cannot read. Every function returns MPI's error code. */
#ifndef FOLIOCAST_MPI_NATIVE_H
#define FOLIOCAST_MPI_NATIVE_H

#include <mpi.h>
#include <stddef.h>

/* The numbers that kindOf in number.go makes. */
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

/* The order of the constants in reduce.go. */
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

static inline MPI_Comm native_world(void) { return MPI_COMM_WORLD; }

static inline int native_is_null(MPI_Comm comm) { return comm == MPI_COMM_NULL; }

static inline int native_split_shared(MPI_Comm comm, MPI_Comm *part) {
	return MPI_Comm_split_type(comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, part);
}

static inline int native_send(void *buf, int count, int kind, int dest, int tag, MPI_Comm comm) {
	return MPI_Send(buf, count, native_type(kind), dest, tag, comm);
}

/* What Go learns of a message: MPI_Status without its private fields. */
typedef struct {
	int source, tag, count;
} native_status;

static inline int native_fill(native_status *out, MPI_Status *in, int kind) {
	out->source = in->MPI_SOURCE;
	out->tag = in->MPI_TAG;
	return MPI_Get_count(in, native_type(kind), &out->count);
}

static inline int native_recv(void *buf, int count, int kind, int source, int tag, MPI_Comm comm, native_status *out) {
	MPI_Status status;
	int code = MPI_Recv(buf, count, native_type(kind), source, tag, comm, &status);
	return code == MPI_SUCCESS ? native_fill(out, &status, kind) : code;
}

static inline int native_probe(int kind, int source, int tag, MPI_Comm comm, native_status *out) {
	MPI_Status status;
	int code = MPI_Probe(source, tag, comm, &status);
	return code == MPI_SUCCESS ? native_fill(out, &status, kind) : code;
}

static inline int native_iprobe(int kind, int source, int tag, MPI_Comm comm, int *flag, native_status *out) {
	MPI_Status status;
	int code = MPI_Iprobe(source, tag, comm, flag, &status);
	return code == MPI_SUCCESS && *flag ? native_fill(out, &status, kind) : code;
}

static inline int native_bcast(void *buf, int count, int kind, int root, MPI_Comm comm) {
	return MPI_Bcast(buf, count, native_type(kind), root, comm);
}

static inline int native_ibcast(void *buf, int count, int kind, int root, MPI_Comm comm, MPI_Request *request) {
	return MPI_Ibcast(buf, count, native_type(kind), root, comm, request);
}

static inline int native_test(MPI_Request *request, int *flag) {
	return MPI_Test(request, flag, MPI_STATUS_IGNORE);
}

static inline int native_wait(MPI_Request *request) {
	return MPI_Wait(request, MPI_STATUS_IGNORE);
}

static inline int native_scatterv(void *send, int *counts, int *displs, void *recv, int count, int kind, int root, MPI_Comm comm) {
	return MPI_Scatterv(send, counts, displs, native_type(kind), recv, count, native_type(kind), root, comm);
}

static inline int native_gatherv(void *send, int count, void *recv, int *counts, int *displs, int kind, int root, MPI_Comm comm) {
	return MPI_Gatherv(send, count, native_type(kind), recv, counts, displs, native_type(kind), root, comm);
}

static inline int native_allgather(void *send, int count, void *recv, int kind, MPI_Comm comm) {
	return MPI_Allgather(send, count, native_type(kind), recv, count, native_type(kind), comm);
}

static inline int native_allgatherv(void *send, int count, void *recv, int *counts, int *displs, int kind, MPI_Comm comm) {
	return MPI_Allgatherv(send, count, native_type(kind), recv, counts, displs, native_type(kind), comm);
}

static inline int native_reduce(void *send, void *recv, int count, int kind, int op, int root, MPI_Comm comm) {
	return MPI_Reduce(send, recv, count, native_type(kind), native_op(op), root, comm);
}

static inline int native_allreduce(void *send, void *recv, int count, int kind, int op, MPI_Comm comm) {
	return MPI_Allreduce(send, recv, count, native_type(kind), native_op(op), comm);
}

#endif
