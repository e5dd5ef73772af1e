package spmd

import (
	"errors"

	"foliocast/mpicalc/forecast"
)

// The first byte of an encoded answer.
const (
	answered byte = iota
	refused
)

// appendError encodes the fault of a series.
func appendError(b []byte, err error) []byte {
	fault := &SeriesError{Code: "invalid", Detail: err.Error()}
	if data, ok := errors.AsType[*forecast.DataError](err); ok {
		fault.Code = string(data.Code)
	}
	return appendText(appendText(append(b, refused), fault.Code), fault.Detail)
}

// appendResult encodes an answer, without its errors unless they are wanted.
func appendResult(b []byte, r *forecast.Result, wantErrors bool) []byte {
	b = appendText(append(b, answered), r.Model)
	b = appendText(b, r.Fallback)
	b = appendFloat(b, r.Skill)
	b = appendFloats(b, r.Mean)
	for i := range r.Lo {
		b = appendFloats(appendFloats(b, r.Lo[i]), r.Hi[i])
	}
	b = appendNumber(b, uint64(len(r.Seasons)))
	for _, m := range r.Seasons {
		b = appendNumber(b, uint64(m))
	}
	b = appendNumber(b, uint64(len(r.Members)))
	for _, m := range r.Members {
		b = appendFloat(appendFloat(appendText(b, m.Name), m.Weight), m.Skill)
	}
	if !wantErrors {
		return append(b, 0)
	}
	b = appendNumber(b, uint64(r.Errors.Origins))
	return appendFloats(b, r.Errors.Data)
}

// decoder reads encoded answers into one result, again and again.
type decoder struct {
	result forecast.Result
	words  map[string]string // names seen before, so that each is allocated once
}

// next reads the answer to options o. The result is valid until the next call. The second error is the fault of the
// series, the third one a fault of the bytes.
func (d *decoder) next(in *reader, o *forecast.Options) (*forecast.Result, *SeriesError, error) {
	switch in.byte() {
	case answered:
	case refused:
		fault := &SeriesError{Code: d.word(in.text()), Detail: string(in.text())}
		return nil, fault, in.err()
	default:
		in.fail()
		return nil, nil, in.err()
	}
	r := &d.result
	r.Model, r.Fallback = d.word(in.text()), d.word(in.text())
	r.Skill = in.float()
	r.Mean = resize(r.Mean, o.Horizon)
	in.floats(r.Mean)
	r.Lo, r.Hi = resize(r.Lo, len(o.Levels)), resize(r.Hi, len(o.Levels))
	for i := range o.Levels {
		r.Lo[i], r.Hi[i] = resize(r.Lo[i], o.Horizon), resize(r.Hi[i], o.Horizon)
		in.floats(r.Lo[i])
		in.floats(r.Hi[i])
	}
	r.Seasons = r.Seasons[:0]
	for range in.count(1) {
		r.Seasons = append(r.Seasons, in.number(forecast.MaxSeason))
	}
	r.Members = r.Members[:0]
	for range in.count(17) {
		r.Members = append(r.Members, forecast.Member{Name: d.word(in.text()), Weight: in.float(), Skill: in.float()})
	}
	r.Errors.Origins, r.Errors.Horizon = in.count(8*o.Horizon), o.Horizon
	r.Errors.Data = resize(r.Errors.Data, r.Errors.Origins*o.Horizon)
	in.floats(r.Errors.Data)
	return r, nil, in.err()
}

// word is b as a string, without allocating one that was seen before. Fallback sentences are words too: there are
// few of them. The bound keeps nonsense from filling the memory.
func (d *decoder) word(b []byte) string {
	if s, ok := d.words[string(b)]; ok {
		return s
	}
	if d.words == nil || len(d.words) > 1000 {
		d.words = make(map[string]string)
	}
	s := string(b)
	d.words[s] = s
	return s
}

// resize gives s the length n, keeping its memory and what its elements hold where it suffices.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		grown := make([]T, n)
		copy(grown, s[:cap(s)])
		return grown
	}
	return s[:n]
}
