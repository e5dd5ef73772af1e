package spmd

import "foliocast/mpicalc/forecast"

// Workload is a list of series to forecast, usually the assets of one job. It exists at rank 0 alone. The Leader calls
// its methods on the goroutine that calls Add or Step.
type Workload interface {
	// Len is the number of series. It does not change.
	Len() int
	// Series is series i, from 0.
	Series(i int) Series
	// Take receives the answer for series i, in the order 0 to Len()-1. r is valid until Take returns. err is a *SeriesError
	// when this series cannot be forecast; r is nil then. An error from Take ends the workload.
	Take(i int, r *forecast.Result, err error) error
}

// Series is one series to forecast.
type Series struct {
	// Series is the question. It must not change before its answer is taken.
	forecast.Series
	// Options must be valid. Series with the same options share one pointer.
	Options *forecast.Options
	// WantErrors asks for Result.Errors too, which is otherwise not sent to rank 0.
	WantErrors bool
	// Text is the text that the answer is to come with, for a TextWorkload.
	Text Text
	// In says where Values are in a stored file, so that ranks can map the file instead of receiving the values. It is
	// zero when they are in no file.
	In Ref
}

// TextWorkload is a Workload whose answers come with their numbers as text: digits are most of what an answer costs rank 0, unless
// the ranks write them.
type TextWorkload interface {
	Workload
	// TakeText receives the text for the series that the next Take is about: none when its series asks for none or has no forecast.
	// It is valid until that Take returns.
	TakeText(text []byte)
}

// Text says which numbers of a forecast a rank writes as text, and how. The zero value asks for none.
type Text struct {
	Form              Form
	Steps             int // the first steps
	Levels, Quantiles int // the first levels and quantiles of the options
	Bands             int // likewise
	Paths             int // the first paths
}

// Form is a form of text. What its values mean is for Config.Write to know.
type Form uint8

// Write appends the text of a forecast that was made with options o.
type Write func(b []byte, t Text, o *forecast.Options, r *forecast.Result) []byte

// Ref is a part of a series in a stored file: its values From up to, but not including, To.
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

// Source is an open stored file. Its values do not change.
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

// Seconds is wall time by phase. Load is the time spent reading mapped files and Fit the time spent fitting, each of the
// rank that took longest. Scatter and Gather are measured at rank 0, without waiting for ranks that still fit.
type Seconds struct {
	Load, Scatter, Fit, Gather float64
}
