package spmd

import "foliocast/mpicalc/forecast"

// AppendAnswer encodes what a workload takes for series s, the result or the error, to be read by Record. A program
// of another version may not understand it.
func AppendAnswer(b []byte, s *Series, r *forecast.Result, err error) []byte {
	if err != nil {
		return appendError(b, err)
	}
	return appendResult(b, r, s.WantErrors)
}

// Record is a list of answers that AppendAnswer has encoded.
type Record struct {
	in      reader
	decoder decoder
}

// Reset makes b the answers to read.
func (r *Record) Reset(b []byte) { r.in = reader{rest: b} }

// Next reads the next answer, to a question with the options o, as Take gets it: the result, valid until the next call, or
// the error of the series. ok is false at the end, and where the bytes are malformed.
func (r *Record) Next(o *forecast.Options) (result *forecast.Result, fault error, ok bool) {
	if len(r.in.rest) == 0 {
		return nil, nil, false
	}
	result, refused, err := r.decoder.next(&r.in, o)
	switch {
	case err != nil:
		return nil, nil, false
	case refused != nil:
		return nil, refused, true
	}
	return result, nil, true
}
