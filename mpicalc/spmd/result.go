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
	fault, ok := errors.AsType[*SeriesError](err)
	if !ok {
		fault = &SeriesError{Code: "invalid", Detail: err.Error()}
	}
	if data, ok := errors.AsType[*forecast.DataError](err); ok {
		fault.Code = string(data.Code)
	}
	return appendText(appendText(append(b, refused), fault.Code), fault.Detail)
}

// appendResult encodes a forecast, with its rolling-origin errors where they are wanted.
func appendResult(b []byte, r *forecast.Result, wantErrors bool) []byte {
	b = appendText(append(b, answered), r.Model)
	b = appendText(appendText(appendText(b, r.Point), r.Fallback), r.Note)
	b = appendFloat(appendFloat(b, r.Skill), r.Floor)
	b = appendFloats(b, r.Mean)
	b = appendFloats(appendNumber(b, uint64(len(r.Average))), r.Average)
	b = appendNumber(b, uint64(len(r.Lo)))
	for i := range r.Lo {
		b = appendFloats(appendFloats(b, r.Lo[i]), r.Hi[i])
	}
	b = appendNumber(b, uint64(len(r.Quantiles)))
	for _, q := range r.Quantiles {
		b = appendFloats(b, q)
	}
	b = appendNumber(b, uint64(len(r.BandLo)))
	for i := range r.BandLo {
		b = appendFloats(appendFloats(b, r.BandLo[i]), r.BandHi[i])
	}
	b = appendNumber(b, uint64(len(r.Seasons)))
	for _, m := range r.Seasons {
		b = appendNumber(b, uint64(m))
	}
	b = appendNumber(b, uint64(len(r.Members)))
	for _, m := range r.Members {
		b = appendText(appendFloat(appendFloat(appendText(b, m.Name), m.Weight), m.Skill), m.Dropped)
	}
	b = appendNumber(b, uint64(len(r.Parts)))
	for _, p := range r.Parts {
		b = appendFloats(appendText(b, p.Name), p.Values)
	}
	b = appendNumber(b, uint64(len(r.Coefficients)))
	for _, c := range r.Coefficients {
		b = appendFloat(appendFloat(b, c.Value), c.StdErr)
	}
	b = appendNumber(b, uint64(r.Origins))
	b = appendFloats(appendNumber(b, uint64(len(r.Paths))), r.Paths)
	b = appendFloats(appendNumber(b, uint64(len(r.Scores))), r.Scores)
	b = appendNumber(b, uint64(len(r.Marginals)))
	for _, row := range r.Marginals {
		b = appendFloats(b, row)
	}
	if !wantErrors {
		return append(b, 0, 0)
	}
	b = appendNumber(appendNumber(b, uint64(r.Errors.Origins)), uint64(r.Errors.Stride))
	return appendFloats(b, r.Errors.Data)
}

// decoder reads encoded answers, one after the other into the same result.
type decoder struct {
	result   forecast.Result
	interned map[string]string // texts seen before, so that each is allocated once
}

// next reads an answer to options o. The result is valid until the next call. A *SeriesError says why the series has no
// forecast; the error says that the bytes are malformed.
func (d *decoder) next(in *reader, o *forecast.Options) (*forecast.Result, *SeriesError, error) {
	switch in.byte() {
	case answered:
	case refused:
		fault := &SeriesError{Code: d.intern(in.text()), Detail: string(in.text())}
		return nil, fault, in.err()
	default:
		in.fail()
		return nil, nil, in.err()
	}
	r := &d.result
	r.Model, r.Point, r.Fallback, r.Note = d.intern(in.text()), d.intern(in.text()), d.intern(in.text()), d.intern(in.text())
	r.Skill, r.Floor = in.float(), in.float()
	r.Mean = resize(r.Mean, o.Horizon)
	in.floats(r.Mean)
	r.Average = resize(r.Average, in.number(o.Horizon))
	in.floats(r.Average)
	r.Lo, r.Hi = in.ends(r.Lo, r.Hi, len(o.Levels), o.Horizon)
	r.Quantiles = resize(r.Quantiles, in.number(len(o.Quantiles)))
	for i := range r.Quantiles {
		r.Quantiles[i] = resize(r.Quantiles[i], o.Horizon)
		in.floats(r.Quantiles[i])
	}
	r.BandLo, r.BandHi = in.ends(r.BandLo, r.BandHi, len(o.Bands), o.Horizon)
	r.Seasons = r.Seasons[:0]
	for range in.count(1) {
		r.Seasons = append(r.Seasons, in.number(forecast.MaxSeason))
	}
	r.Members = r.Members[:0]
	for range in.count(18) {
		r.Members = append(r.Members, forecast.Member{Name: d.intern(in.text()), Weight: in.float(), Skill: in.float(), Dropped: d.intern(in.text())})
	}
	r.Parts = resize(r.Parts, in.count(1+8*o.Horizon))
	for i := range r.Parts {
		p := &r.Parts[i]
		p.Name, p.Values = d.intern(in.text()), resize(p.Values, o.Horizon)
		in.floats(p.Values)
	}
	r.Coefficients = r.Coefficients[:0]
	for range in.count(16) {
		r.Coefficients = append(r.Coefficients, forecast.Coefficient{Value: in.float(), StdErr: in.float()})
	}
	r.Origins = in.number(maxCount)
	r.Paths = resize(r.Paths, in.count(8))
	in.floats(r.Paths)
	r.Scores = resize(r.Scores, in.count(8))
	in.floats(r.Scores)
	r.Marginals = resize(r.Marginals, in.count(8*o.Horizon))
	for i := range r.Marginals {
		r.Marginals[i] = resize(r.Marginals[i], o.Horizon)
		in.floats(r.Marginals[i])
	}
	r.Errors.Origins, r.Errors.Horizon = in.count(8*o.Horizon), o.Horizon
	r.Errors.Stride = in.number(forecast.MaxHorizon)
	r.Errors.Data = resize(r.Errors.Data, r.Errors.Origins*o.Horizon)
	in.floats(r.Errors.Data)
	return r, nil, in.err()
}

// ends reads the ends of at most so many intervals of h steps, in the memory of lo and hi.
func (r *reader) ends(lo, hi [][]float64, most, h int) (_, _ [][]float64) {
	n := r.number(most)
	lo, hi = resize(lo, n), resize(hi, n)
	for i := range n {
		lo[i], hi[i] = resize(lo[i], h), resize(hi[i], h)
		r.floats(lo[i])
		r.floats(hi[i])
	}
	return lo, hi
}

// intern is b as a string, allocated only the first time. It is for names and for fallback sentences, which are few; the
// bound keeps malformed bytes from filling the memory.
func (d *decoder) intern(b []byte) string {
	if s, ok := d.interned[string(b)]; ok {
		return s
	}
	if d.interned == nil || len(d.interned) > 1000 {
		d.interned = make(map[string]string)
	}
	s := string(b)
	d.interned[s] = s
	return s
}

// resize gives s the length n. It keeps the memory of s where that is large enough, and what its elements hold.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		grown := make([]T, n)
		copy(grown, s[:cap(s)])
		return grown
	}
	return s[:n]
}
