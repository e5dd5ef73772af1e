package postgres

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE codes that stores translate, or that this package does.
const (
	UniqueViolation      = "23505"
	CheckViolation       = "23514"
	SerializationFailure = "40001"
	DeadlockDetected     = "40P01"
	LockNotAvailable     = "55P03"
	QueryCanceled        = "57014" // by statement_timeout
	IOError              = "58030" // of the server's disk
	idleTransaction      = "25P03"
)

// Code returns the SQLSTATE of err, or "" when the server did not send it.
func Code(err error) string {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code
	}
	return ""
}

// shutOut reports whether a code says that the server does not let this service in: a
// wrong password or role, or no such database.
func shutOut(code string) bool { return strings.HasPrefix(code, "28") || strings.HasPrefix(code, "3D") }

// Unavailable reports whether err says that the server could not be reached,
// broke the connection, is stopping, has no connection or no room left, cannot use its
// disk, did not get through because of other work, or does not let this service in:
// trying again may help, if only once somebody has seen to it.
func Unavailable(err error) bool {
	if code := Code(err); code != "" {
		switch code {
		case SerializationFailure, DeadlockDetected, LockNotAvailable, QueryCanceled, IOError, idleTransaction:
			return true
		}
		return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "53") || shutOut(code)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, file := errors.AsType[*fs.PathError](err); file {
		return false // wraps a system call's error, which looks like a network error
	}
	_, ok := errors.AsType[net.Error](err)
	return ok || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, pgconn.ErrConnClosed)
}
