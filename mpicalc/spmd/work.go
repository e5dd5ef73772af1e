package spmd

import "foliocast/mpicalc/forecast"

// Work is a list of series to forecast, as rank 0 holds it: usually the assets of one job. The Leader calls its
// methods on the goroutine that calls Step.
type Work interface {
	// Len is the number of series. It does not change.
	Len() int
	// Series is number i of them.
	Series(i int) Series
	// Take receives the answer for series i, in the order 0 to Len()-1. r is overwritten afterwards. err is a
	// *SeriesError when this series cannot be forecast; r is nil then. An error from Take ends the work.
	Take(i int, r *forecast.Result, err error) error
}

// Series is one series to forecast.
type Series struct {
	// Values are the observations, oldest first. They must not change before their answer is taken.
	Values []float64
	// Options must be valid, and the same pointer for series that ask for the same.
	Options *forecast.Options
	// WantErrors asks for Result.Errors too, which otherwise stays at its rank.
	WantErrors bool
	// In says where Values lie in a stored file, so that ranks may map the file instead of being sent the values.
	// The zero Ref says nowhere.
	In Ref
}

// Ref is a part of a series in a stored file: its values From up to, but without, To.
type Ref struct {
	File  *File
	Asset int
	From  int
	To    int
}

// File is a stored file whose content rank 0 has checked.
type File struct {
	Path   string
	SHA256 string // lower-case hexadecimal
}

// Source is an opened stored file. Its values do not change.
type Source interface {
	Len() int
	Values(asset int) []float64
	Close() error
}

// Open maps a stored file.
type Open func(path string) (Source, error)

// SeriesError says why one series has no forecast.
type SeriesError struct {
	Code   string // one word, such as "empty"
	Detail string // one sentence
}

// Error returns the sentence.
func (e *SeriesError) Error() string { return e.Detail }

// Seconds is wall time by phase. Load is touching mapped files and Fit is fitting, each of the rank that took
// longest; Scatter and Gather are measured at rank 0 and do not contain waiting for a rank that still fits.
type Seconds struct {
	Load, Scatter, Fit, Gather float64
}
