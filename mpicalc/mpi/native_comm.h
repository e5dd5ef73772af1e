/* Communicators, groups and grids. */
#ifndef MPI_NATIVE_COMM_H
#define MPI_NATIVE_COMM_H

#include "native.h"

static inline int native_rank_and_size(native_handle comm, int *rank, int *size) {
	int code = MPI_Comm_rank((MPI_Comm)comm, rank);
	return code == MPI_SUCCESS ? MPI_Comm_size((MPI_Comm)comm, size) : code;
}

/* made becomes 0 at a rank that is in no part. */
static inline int native_made(int code, MPI_Comm comm, native_handle *made) {
	*made = comm == MPI_COMM_NULL ? 0 : (native_handle)comm;
	return code;
}

static inline int native_dup(native_handle comm, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Comm_dup((MPI_Comm)comm, &out);
	return native_made(code, out, made);
}

static inline int native_split(native_handle comm, int color, int key, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Comm_split((MPI_Comm)comm, color, key, &out);
	return native_made(code, out, made);
}

static inline int native_split_shared(native_handle comm, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Comm_split_type((MPI_Comm)comm, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &out);
	return native_made(code, out, made);
}

static inline int native_create(native_handle comm, native_handle group, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Comm_create((MPI_Comm)comm, (MPI_Group)group, &out);
	return native_made(code, out, made);
}

/* The tag would tell apart calls of several threads. */
static inline int native_create_group(native_handle comm, native_handle group, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Comm_create_group((MPI_Comm)comm, (MPI_Group)group, 0, &out);
	return native_made(code, out, made);
}

static inline int native_free(native_handle comm) {
	MPI_Comm freed = (MPI_Comm)comm;
	return MPI_Comm_free(&freed);
}

/* A communicator's group, and what can be made of groups. */

static inline int native_group_of(native_handle comm, native_handle *group) {
	MPI_Group out = MPI_GROUP_NULL;
	int code = MPI_Comm_group((MPI_Comm)comm, &out);
	*group = (native_handle)out;
	return code;
}

static inline int native_group_facts(native_handle group, int *rank, int *size) {
	int code = MPI_Group_rank((MPI_Group)group, rank);
	return code == MPI_SUCCESS ? MPI_Group_size((MPI_Group)group, size) : code;
}

static inline int native_group_pick(native_handle group, int include, int n, int *ranks, native_handle *made) {
	MPI_Group out = MPI_GROUP_NULL;
	int code = include ? MPI_Group_incl((MPI_Group)group, n, ranks, &out) : MPI_Group_excl((MPI_Group)group, n, ranks, &out);
	*made = (native_handle)out;
	return code;
}

enum { native_union, native_intersection, native_difference };

static inline int native_group_join(int how, native_handle a, native_handle b, native_handle *made) {
	MPI_Group out = MPI_GROUP_NULL;
	int code = how == native_union ? MPI_Group_union((MPI_Group)a, (MPI_Group)b, &out)
		: how == native_intersection ? MPI_Group_intersection((MPI_Group)a, (MPI_Group)b, &out)
		: MPI_Group_difference((MPI_Group)a, (MPI_Group)b, &out);
	*made = (native_handle)out;
	return code;
}

static inline int native_group_translate(native_handle from, int n, int *ranks, native_handle to, int *translated) {
	return MPI_Group_translate_ranks((MPI_Group)from, n, ranks, (MPI_Group)to, translated);
}

static inline int native_group_free(native_handle group) {
	MPI_Group freed = (MPI_Group)group;
	return MPI_Group_free(&freed);
}

/* Grids. */

static inline int native_cart_create(native_handle comm, int n, int *dims, int *periods, int reorder, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Cart_create((MPI_Comm)comm, n, dims, periods, reorder, &out);
	return native_made(code, out, made);
}

static inline int native_cart_coords(native_handle cart, int rank, int n, int *coords) {
	return MPI_Cart_coords((MPI_Comm)cart, rank, n, coords);
}

static inline int native_cart_rank(native_handle cart, int *coords, int *rank) {
	return MPI_Cart_rank((MPI_Comm)cart, coords, rank);
}

static inline int native_cart_shift(native_handle cart, int dim, int by, int *source, int *dest) {
	return MPI_Cart_shift((MPI_Comm)cart, dim, by, source, dest);
}

static inline int native_cart_sub(native_handle cart, int *keep, native_handle *made) {
	MPI_Comm out = MPI_COMM_NULL;
	int code = MPI_Cart_sub((MPI_Comm)cart, keep, &out);
	return native_made(code, out, made);
}

static inline int native_dims_create(int ranks, int n, int *dims) { return MPI_Dims_create(ranks, n, dims); }

#endif
