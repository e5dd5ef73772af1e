/* The patterns of the benchmark in C. Each function runs rounds of one and returns
 * MPI's code; patterns.go has the same loops in Go. */
#include <mpi.h>

#define CALL(call)                               \
	do {                                     \
		int code = call;                 \
		if (code != MPI_SUCCESS)         \
			return code;             \
	} while (0)

typedef struct {
	int rank, size, bytes, rounds;
	char *send, *recv;
	int *counts, *displs; /* of Gatherv */
} loop;

static int ping_pong(loop l) {
	int other = 1 - l.rank;
	if (l.rank > 1)
		return MPI_SUCCESS;
	for (int i = 0; i < l.rounds; i++) {
		if (l.rank == 0)
			CALL(MPI_Send(l.send, l.bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD));
		CALL(MPI_Recv(l.recv, l.bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
		if (l.rank == 1)
			CALL(MPI_Send(l.send, l.bytes, MPI_BYTE, other, 0, MPI_COMM_WORLD));
	}
	return MPI_SUCCESS;
}

static int exchange(loop l) {
	int left = (l.rank + l.size - 1) % l.size, right = (l.rank + 1) % l.size;
	for (int i = 0; i < l.rounds; i++) {
		MPI_Request requests[2];
		MPI_Status statuses[2];
		CALL(MPI_Isend(l.send, l.bytes, MPI_BYTE, right, 0, MPI_COMM_WORLD, &requests[0]));
		CALL(MPI_Isend(l.send, l.bytes, MPI_BYTE, left, 1, MPI_COMM_WORLD, &requests[1]));
		CALL(MPI_Recv(l.recv, l.bytes, MPI_BYTE, left, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
		CALL(MPI_Recv(l.recv, l.bytes, MPI_BYTE, right, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE));
		CALL(MPI_Waitall(2, requests, statuses));
	}
	return MPI_SUCCESS;
}

static int allreduce(loop l) {
	for (int i = 0; i < l.rounds; i++)
		CALL(MPI_Allreduce(l.send, l.recv, l.bytes / 8, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD));
	return MPI_SUCCESS;
}

static int bcast(loop l) {
	for (int i = 0; i < l.rounds; i++)
		CALL(MPI_Bcast(l.send, l.bytes, MPI_BYTE, i % l.size, MPI_COMM_WORLD));
	return MPI_SUCCESS;
}

static int gatherv(loop l) {
	for (int i = 0; i < l.rounds; i++)
		CALL(MPI_Gatherv(l.send, l.bytes, MPI_BYTE, l.recv, l.counts, l.displs, MPI_BYTE, i % l.size, MPI_COMM_WORLD));
	return MPI_SUCCESS;
}

static int (*const loops[])(loop) = {ping_pong, exchange, allreduce, bcast, gatherv};

static int run(int pattern, loop l, double *seconds) {
	double begin = MPI_Wtime();
	int code = loops[pattern](l);
	*seconds = (MPI_Wtime() - begin) / l.rounds;
	return code;
}
