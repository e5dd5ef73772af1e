package mpi

/*
#include "native_file.h"
#include <stdlib.h>
*/
import "C"

import (
	"io"
	"unsafe"
)

// Mode says how OpenFile opens a file: modes are combined with |.
type Mode int

// The modes (MPI 3.1, section 13.2.1), of which one of the first three is needed.
const (
	ReadOnly      Mode = C.MPI_MODE_RDONLY
	WriteOnly     Mode = C.MPI_MODE_WRONLY
	ReadWrite     Mode = C.MPI_MODE_RDWR
	Create        Mode = C.MPI_MODE_CREATE          // if it does not exist
	Exclusive     Mode = C.MPI_MODE_EXCL            // with Create: it must not exist
	DeleteOnClose Mode = C.MPI_MODE_DELETE_ON_CLOSE // for scratch files
)

// File is a file that all ranks of a communicator have open (MPI 3.1, chapter 13). Offsets
// are bytes from its beginning. Values are in the machine's own form.
//
// Writes of one rank reach the reads of another after both have called Sync and met in
// between, in a Barrier for example (MPI 3.1, section 13.6.1). Writes of different ranks
// must not overlap.
type File struct {
	comm   *Comm
	handle C.native_handle
	closed bool
}

// OpenFile opens a file for all ranks of c (MPI_File_open; MPI 3.1, section 13.2.1), which
// must all call it with the same name and mode, and see the same file. It does not cut an
// existing file: SetSize does.
func OpenFile(c *Comm, name string, mode Mode) (*File, error) {
	const op = "File_open"
	if err := c.enter(op); err != nil {
		return nil, err
	}
	defer c.process.leave()
	native := C.CString(name)
	defer C.free(unsafe.Pointer(native))
	f := &File{comm: c}
	if err := check(op, C.native_file_open(c.handle, native, C.int(mode), &f.handle)); err != nil {
		return nil, err
	}
	return f, nil
}

// RemoveFile deletes a file that no rank has open (MPI_File_delete; MPI 3.1, section 13.2.3).
// One rank calls it alone.
func RemoveFile(c *Comm, name string) error {
	const op = "File_delete"
	if err := c.enter(op); err != nil {
		return err
	}
	defer c.process.leave()
	native := C.CString(name)
	defer C.free(unsafe.Pointer(native))
	return check(op, C.native_file_delete(native))
}

// ReadAt reads from offset on into buf, and returns the number of elements, with io.EOF where
// the file ends before buf does (MPI_File_read_at; MPI 3.1, section 13.4.2). Any rank may
// call it alone.
func ReadAt[T Number](f *File, offset int64, buf []T) (int, error) {
	return f.read("File_read_at", false, offset, bufferOf(buf))
}

// ReadAtAll is ReadAt that all ranks of f must call, each with an offset and a length of its
// own, so that MPI can read large pieces (MPI_File_read_at_all; MPI 3.1, section 13.4.2).
func ReadAtAll[T Number](f *File, offset int64, buf []T) (int, error) {
	return f.read("File_read_at_all", true, offset, bufferOf(buf))
}

// WriteAt writes buf from offset on (MPI_File_write_at; MPI 3.1, section 13.4.2). Any rank may
// call it alone. A file that is too short grows.
func WriteAt[T Number](f *File, offset int64, buf []T) error {
	return f.write("File_write_at", false, offset, bufferOf(buf))
}

// WriteAtAll is WriteAt that all ranks of f must call, each with an offset and a length of its
// own, so that MPI can write large pieces (MPI_File_write_at_all; MPI 3.1, section 13.4.2).
func WriteAtAll[T Number](f *File, offset int64, buf []T) error {
	return f.write("File_write_at_all", true, offset, bufferOf(buf))
}

// IreadAt starts a ReadAt (MPI_File_iread_at; MPI 3.1, section 13.4.2). The Status of the
// request counts the elements; fewer than len(buf) mean the end of the file.
func IreadAt[T Number](f *File, offset int64, buf []T) (*Request, error) {
	const op = "File_iread_at"
	b := bufferOf(buf)
	return f.start(op, offset, b, func(r *Request, n C.int) C.int {
		return C.native_file_iread(f.handle, C.int64_t(offset), b.ptr, n, f.comm.process.typ(b.kind, b.derived), r.out())
	})
}

// IwriteAt starts a WriteAt (MPI_File_iwrite_at; MPI 3.1, section 13.4.2).
func IwriteAt[T Number](f *File, offset int64, buf []T) (*Request, error) {
	const op = "File_iwrite_at"
	b := bufferOf(buf)
	return f.start(op, offset, b, func(r *Request, n C.int) C.int {
		return C.native_file_iwrite(f.handle, C.int64_t(offset), b.ptr, n, f.comm.process.typ(b.kind, b.derived), r.out())
	})
}

// ReadAt is ReadAt of n types, which are next to each other in the file (MPI 3.1, section
// 13.4.2).
func (t *Type[E]) ReadAt(f *File, offset int64, buf []E, n int) (int, error) {
	b, err := t.buffer("File_read_at", buf, n)
	if err != nil {
		return 0, err
	}
	return f.read("File_read_at", false, offset, b)
}

// WriteAt is WriteAt of n types, which are next to each other in the file (MPI 3.1, section
// 13.4.2).
func (t *Type[E]) WriteAt(f *File, offset int64, buf []E, n int) error {
	b, err := t.buffer("File_write_at", buf, n)
	if err != nil {
		return err
	}
	return f.write("File_write_at", false, offset, b)
}

func (f *File) read(op string, all bool, offset int64, b buffer) (int, error) {
	n, err := f.enterAt(op, offset, b)
	if err != nil {
		return 0, err
	}
	defer f.comm.process.leave()
	var native C.native_status
	code := C.native_file_read(f.handle, boolean(all), C.int64_t(offset), b.ptr, n, f.comm.process.typ(b.kind, b.derived), &native)
	if err := check(op, code); err != nil || b.payload() == 0 {
		return 0, err
	}
	if got := int(native.bytes) / b.payload(); got < b.len {
		return got, io.EOF
	}
	return b.len, nil
}

func (f *File) write(op string, all bool, offset int64, b buffer) error {
	n, err := f.enterAt(op, offset, b)
	if err != nil {
		return err
	}
	defer f.comm.process.leave()
	var native C.native_status
	code := C.native_file_write(f.handle, boolean(all), C.int64_t(offset), b.ptr, n, f.comm.process.typ(b.kind, b.derived), &native)
	if err := check(op, code); err != nil {
		return err
	}
	if got, want := int(native.bytes), b.len*b.payload(); got < want {
		return refuse(op, ErrIO, "%d of %d bytes were written", got, want)
	}
	return nil
}

func (f *File) start(op string, offset int64, b buffer, call func(r *Request, n C.int) C.int) (*Request, error) {
	n, err := f.enterAt(op, offset, b)
	if err != nil {
		return nil, err
	}
	p := f.comm.process
	defer p.leave()
	r := newRequest(op, b)
	if err := check(op, call(r, n)); err != nil {
		return r.started(err)
	}
	r.process, r.receives, r.file, r.size = p, true, true, b.payload()
	p.requests.add(r)
	return r, nil
}

// Size is the length of the file in bytes (MPI 3.1, section 13.2.6). Any rank may call it
// alone.
func (f *File) Size() (int64, error) {
	var bytes C.int64_t
	err := f.call("File_get_size", func() C.int { return C.native_file_size(f.handle, &bytes) })
	return int64(bytes), err
}

// SetSize cuts the file to so many bytes, or lets it grow to them (MPI 3.1, section 13.2.4).
// All ranks of f must call it with the same size.
func (f *File) SetSize(bytes int64) error {
	const op = "File_set_size"
	if bytes < 0 {
		return refuse(op, ErrArg, "%d bytes are less than none", bytes)
	}
	return f.call(op, func() C.int { return C.native_file_resize(f.handle, C.int64_t(bytes)) })
}

// Sync lets other ranks read what the calling rank wrote, and writes it to the disk (MPI 3.1,
// section 13.6.1). All ranks of f must call it.
func (f *File) Sync() error {
	return f.call("File_sync", func() C.int { return C.native_file_sync(f.handle) })
}

// Close closes the file (MPI 3.1, section 13.2.2). All ranks of f must call it, after their
// requests are done.
func (f *File) Close() error {
	err := f.call("File_close", func() C.int { return C.native_file_close(f.handle) })
	if err == nil {
		f.closed = true
	}
	return err
}

func (f *File) call(op string, call func() C.int) error {
	if err := f.enter(op); err != nil {
		return err
	}
	defer f.comm.process.leave()
	return check(op, call())
}

func (f *File) enter(op string) error {
	if f == nil || f.comm == nil || f.closed {
		return refuse(op, ErrFile, "the file is nil or was closed")
	}
	return f.comm.process.enter(op)
}

func (f *File) enterAt(op string, offset int64, b buffer) (C.int, error) {
	n, err := b.count(op)
	if err != nil {
		return 0, err
	}
	if offset < 0 {
		return 0, refuse(op, ErrArg, "offset %d is before the beginning of the file", offset)
	}
	return n, f.enter(op)
}
