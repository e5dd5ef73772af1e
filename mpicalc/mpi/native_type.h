/* Derived datatypes. Every constructor commits its type. */
#ifndef MPI_NATIVE_TYPE_H
#define MPI_NATIVE_TYPE_H

#include "native.h"

static inline int native_commit(int code, MPI_Datatype type, native_handle *made) {
	if (code == MPI_SUCCESS)
		code = MPI_Type_commit(&type);
	*made = (native_handle)type;
	return code;
}

static inline int native_type_vector(int count, int block, int stride, native_handle of, native_handle *made) {
	MPI_Datatype out = MPI_DATATYPE_NULL;
	int code = MPI_Type_vector(count, block, stride, (MPI_Datatype)of, &out);
	return native_commit(code, out, made);
}

static inline int native_type_indexed(int n, int *blocks, int *displs, native_handle of, native_handle *made) {
	MPI_Datatype out = MPI_DATATYPE_NULL;
	int code = MPI_Type_indexed(n, blocks, displs, (MPI_Datatype)of, &out);
	return native_commit(code, out, made);
}

static inline int native_type_subarray(int n, int *sizes, int *parts, int *starts, native_handle of, native_handle *made) {
	MPI_Datatype out = MPI_DATATYPE_NULL;
	int code = MPI_Type_create_subarray(n, sizes, parts, starts, MPI_ORDER_C, (MPI_Datatype)of, &out);
	return native_commit(code, out, made);
}

/* Elements follow each other at a distance of extent bytes. */
static inline int native_type_resized(native_handle of, int64_t extent, native_handle *made) {
	MPI_Datatype out = MPI_DATATYPE_NULL;
	int code = MPI_Type_create_resized((MPI_Datatype)of, 0, extent, &out);
	return native_commit(code, out, made);
}

static inline int native_type_struct(int n, int *blocks, int64_t *displs, native_handle *types, int64_t extent, native_handle *made) {
	MPI_Aint at[n + 1];
	MPI_Datatype of[n + 1], fields = MPI_DATATYPE_NULL, out = MPI_DATATYPE_NULL;
	for (int i = 0; i < n; i++) {
		at[i] = displs[i];
		of[i] = (MPI_Datatype)types[i];
	}
	int code = MPI_Type_create_struct(n, blocks, at, of, &fields);
	if (code != MPI_SUCCESS)
		return code;
	code = MPI_Type_create_resized(fields, 0, extent, &out);
	MPI_Type_free(&fields);
	return native_commit(code, out, made);
}

/* The bytes that are sent, and the range of memory in which they lie. */
static inline int native_type_facts(native_handle type, int *size, int64_t *extent, int64_t *low, int64_t *range) {
	MPI_Aint lower, full, true_lower, true_extent;
	int code = MPI_Type_size((MPI_Datatype)type, size);
	if (code == MPI_SUCCESS)
		code = MPI_Type_get_extent((MPI_Datatype)type, &lower, &full);
	if (code == MPI_SUCCESS)
		code = MPI_Type_get_true_extent((MPI_Datatype)type, &true_lower, &true_extent);
	if (code == MPI_SUCCESS) {
		*extent = full;
		*low = true_lower;
		*range = true_extent;
	}
	return code;
}

static inline int native_type_free(native_handle type) {
	MPI_Datatype freed = (MPI_Datatype)type;
	return MPI_Type_free(&freed);
}

#endif
