/* Files that many ranks read and write. */
#ifndef MPI_NATIVE_FILE_H
#define MPI_NATIVE_FILE_H

#include "native_message.h"

static inline int native_file_open(native_handle comm, char *name, int mode, native_handle *made) {
	MPI_File file = MPI_FILE_NULL;
	int code = MPI_File_open((MPI_Comm)comm, name, mode, MPI_INFO_NULL, &file);
	if (code == MPI_SUCCESS)
		code = MPI_File_set_errhandler(file, MPI_ERRORS_RETURN);
	*made = (native_handle)file;
	return code;
}

static inline int native_file_close(native_handle file) {
	MPI_File closed = (MPI_File)file;
	return MPI_File_close(&closed);
}

static inline int native_file_delete(char *name) { return MPI_File_delete(name, MPI_INFO_NULL); }

static inline int native_file_size(native_handle file, int64_t *bytes) {
	MPI_Offset size = 0;
	int code = MPI_File_get_size((MPI_File)file, &size);
	*bytes = size;
	return code;
}

static inline int native_file_resize(native_handle file, int64_t bytes) { return MPI_File_set_size((MPI_File)file, bytes); }

static inline int native_file_sync(native_handle file) { return MPI_File_sync((MPI_File)file); }

static inline int native_file_read(native_handle file, int all, int64_t offset, char *buf, int count, native_handle type, native_status *out) {
	MPI_Status status;
	int code = all ? MPI_File_read_at_all((MPI_File)file, offset, buf, count, (MPI_Datatype)type, &status)
		: MPI_File_read_at((MPI_File)file, offset, buf, count, (MPI_Datatype)type, &status);
	return code == MPI_SUCCESS ? native_fill(out, &status) : code;
}

static inline int native_file_write(native_handle file, int all, int64_t offset, char *buf, int count, native_handle type, native_status *out) {
	MPI_Status status;
	int code = all ? MPI_File_write_at_all((MPI_File)file, offset, buf, count, (MPI_Datatype)type, &status)
		: MPI_File_write_at((MPI_File)file, offset, buf, count, (MPI_Datatype)type, &status);
	return code == MPI_SUCCESS ? native_fill(out, &status) : code;
}

static inline int native_file_iread(native_handle file, int64_t offset, char *buf, int count, native_handle type, native_request *request) {
	return MPI_File_iread_at((MPI_File)file, offset, buf, count, (MPI_Datatype)type, (MPI_Request *)request);
}

static inline int native_file_iwrite(native_handle file, int64_t offset, char *buf, int count, native_handle type, native_request *request) {
	return MPI_File_iwrite_at((MPI_File)file, offset, buf, count, (MPI_Datatype)type, (MPI_Request *)request);
}

#endif
