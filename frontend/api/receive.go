package api

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"

	"foliocast/internal/problem"
	"foliocast/internal/series/arrow"
)

// receive streams a file to the disk.
func (a *API) receive(f *arriving, file *os.File) error {
	if f.size > a.most(f) && (f.form == nil || f.size > a.most(f)+formRoom) {
		return a.tooLarge()
	}
	n, err := io.Copy(file, f.file)
	switch {
	case err != nil && f.file.failed == nil:
		return fmt.Errorf("write an upload: %w", err)
	case err != nil && f.failed != nil:
		return f.failed(err)
	case err != nil:
		return a.broken(f, err)
	case n == 0:
		return problem.New(problem.Invalid, "the file is rejected: it is empty")
	case n > a.limits.Upload:
		stored, err := arrow.IsStored(file.Name())
		if err != nil {
			return fmt.Errorf("look at an upload: %w", err)
		}
		if !stored {
			return a.tooLarge()
		}
	}
	if err := f.last(); err != nil {
		return a.broken(f, err)
	}
	return nil
}

// broken says why a file could not be read to its end.
func (a *API) broken(f *arriving, err error) error {
	var netErr net.Error
	var tooLarge *http.MaxBytesError
	var known *problem.Problem
	switch cause := errors.Join(f.body.failed, err); {
	case errors.As(cause, &tooLarge):
		return a.tooLarge()
	case errors.As(f.body.failed, &known):
		return known // of a source
	case errors.As(cause, &netErr) && netErr.Timeout():
		return problem.Newf(problem.Malformed, "the file did not arrive in time: an upload may take %v, and must keep arriving", a.limits.UploadTime)
	case f.body.failed != nil:
		return problem.New(problem.Malformed, "the file did not arrive whole").Because(err)
	case errors.As(err, &known):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem.New(problem.Malformed, "the file did not arrive whole: it breaks off").Because(err)
	}
	return problem.New(problem.Malformed, "the file cannot be unpacked: it is damaged, packed in a way that is not understood, or not what its headers say").Because(err)
}

func (a *API) tooLarge() error {
	return problem.Newf(problem.TooLarge, "a dataset's file may have at most %d bytes, or %d in the Arrow form that mpicalc convert writes",
		a.limits.Upload, a.limits.Mapped)
}

// uploadReader tells a body that broke off from a disk that failed.
type uploadReader struct {
	body   io.Reader
	failed error
}

func (r *uploadReader) Read(b []byte) (int, error) {
	n, err := r.body.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = err
	}
	return n, err
}
