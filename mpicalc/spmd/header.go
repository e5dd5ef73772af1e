package spmd

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"foliocast/mpicalc/forecast"
)

// controlSize is the length of the block that begins a round: what to do, and the length of the header that follows.
const controlSize = 8

// The kinds of a control block.
const (
	controlStop  byte = iota + 1 // end the loop
	controlOpen                  // map a file, and agree on whether all can
	controlClose                 // unmap a file
	controlChunk                 // fit a chunk
)

func control(kind byte, header []byte) []byte {
	b := make([]byte, controlSize)
	b[0] = kind
	binary.LittleEndian.PutUint32(b[4:], uint32(len(header)))
	return b
}

func parseControl(b []byte) (kind byte, headerSize int) {
	return b[0], int(binary.LittleEndian.Uint32(b[4:]))
}

// header is what every rank is told of a chunk: the options that its series may refer to, and the size of each rank's
// share.
type header struct {
	options []*forecast.Options
	shares  []share
}

// share is the size of one rank's part of a chunk.
type share struct {
	bytes  int // of encoded assignments
	values int // that are sent with them
}

// scattersValues reports whether any rank is sent values. Then all ranks must take part in scattering them.
func (h *header) scattersValues() bool {
	return slices.ContainsFunc(h.shares, func(s share) bool { return s.values > 0 })
}

func (h *header) append(b []byte) []byte {
	b = appendNumber(b, uint64(len(h.options)))
	for _, o := range h.options {
		b = appendOptions(b, o)
	}
	for _, s := range h.shares {
		b = appendNumber(b, uint64(s.bytes))
		b = appendNumber(b, uint64(s.values))
	}
	return b
}

// parse reads a header for the given number of ranks.
func (h *header) parse(b []byte, ranks int) error {
	in := reader{rest: b}
	h.options = h.options[:0]
	for range in.count(1) {
		h.options = append(h.options, parseOptions(&in))
	}
	h.shares = h.shares[:0]
	for range ranks {
		h.shares = append(h.shares, share{bytes: in.number(maxShare), values: in.number(maxShare)})
	}
	return in.end()
}

func appendOptions(b []byte, o *forecast.Options) []byte {
	b = appendText(b, o.Model)
	b = appendNumber(b, uint64(o.Horizon))
	b = appendNumber(b, uint64(o.Step))
	b = appendInts(b, o.Periods)
	b = appendInts(b, o.Seasons)
	for _, list := range [][]float64{o.Levels, o.Quantiles} {
		b = appendFloats(appendNumber(b, uint64(len(list))), list)
	}
	b = appendText(b, o.Point)
	return appendFlag(appendFlag(b, o.Integers), o.Explain)
}

func appendFlag(b []byte, set bool) []byte {
	if set {
		return append(b, 1)
	}
	return append(b, 0)
}

func parseOptions(in *reader) *forecast.Options {
	o := &forecast.Options{
		Model:   string(in.text()),
		Horizon: in.number(forecast.MaxHorizon),
		Step:    time.Duration(in.number(math.MaxInt64)),
		Periods: in.ints(forecast.MaxSeason),
		Seasons: in.ints(forecast.MaxSeason),
	}
	o.Levels = parseFloats(in, forecast.MaxLevels)
	o.Quantiles = parseFloats(in, forecast.MaxQuantiles)
	o.Point, o.Integers, o.Explain = string(in.text()), in.byte() == 1, in.byte() == 1
	return o
}

// parseFloats reads a list of at most limit numbers; an empty one is nil.
func parseFloats(in *reader, limit int) []float64 {
	n := in.number(limit)
	if n == 0 {
		return nil
	}
	list := make([]float64, n)
	in.floats(list)
	return list
}

// assignment describes one series of a rank's share: its options, where its values are, and what else the series says.
type assignment struct {
	options    int
	wantErrors bool
	file       int // the number of a mapped file, from 1; 0 when the values are sent
	asset      int // in the mapped file
	from       int
	length     int
	skips      []forecast.Skip
	ends       []int
	walkEnds   []int
	walkStride int
	regressors int // their numbers are sent after the values
}

// The flags of an assignment.
const (
	flagErrors = 1 << iota
	flagSkips
	flagEnds
	flagWalkEnds
	flagRegressors
	flagBits = iota
)

func (t *assignment) flags() (flags int) {
	if t.wantErrors {
		flags |= flagErrors
	}
	if t.skips != nil {
		flags |= flagSkips
	}
	if t.ends != nil {
		flags |= flagEnds
	}
	if t.walkEnds != nil {
		flags |= flagWalkEnds
	}
	if t.regressors > 0 {
		flags |= flagRegressors
	}
	return flags
}

func (t *assignment) append(b []byte) []byte {
	b = appendNumber(b, uint64(t.options<<flagBits|t.flags()))
	b = appendNumber(b, uint64(t.file))
	if t.file > 0 {
		b = appendNumber(b, uint64(t.asset))
		b = appendNumber(b, uint64(t.from))
	}
	b = appendNumber(b, uint64(t.length))
	if t.skips != nil {
		b = appendSkips(b, t.skips)
	}
	if t.ends != nil {
		b = appendInts(b, t.ends)
	}
	if t.walkEnds != nil {
		b = appendNumber(appendInts(b, t.walkEnds), uint64(t.walkStride))
	}
	if t.regressors > 0 {
		b = appendNumber(b, uint64(t.regressors))
	}
	return b
}

func (t *assignment) parse(in *reader) {
	word := in.number(maxShare)
	*t = assignment{options: word >> flagBits, wantErrors: word&flagErrors != 0, file: in.number(maxShare)}
	if t.file > 0 {
		t.asset, t.from = in.number(maxShare), in.number(maxShare)
	}
	t.length = in.number(maxShare)
	if word&flagSkips != 0 {
		t.skips = parseSkips(in)
	}
	if word&flagEnds != 0 {
		t.ends = in.ints(maxShare)
	}
	if word&flagWalkEnds != 0 {
		t.walkEnds, t.walkStride = in.ints(maxShare), in.number(forecast.MaxHorizon)
	}
	if word&flagRegressors != 0 {
		t.regressors = in.number(forecast.MaxRegressors)
	}
}

func appendSkips(b []byte, skips []forecast.Skip) []byte {
	b = appendNumber(b, uint64(len(skips)))
	for _, s := range skips {
		b = appendNumber(appendNumber(b, uint64(s.At)), uint64(s.Count))
	}
	return b
}

func parseSkips(in *reader) []forecast.Skip {
	skips := make([]forecast.Skip, in.count(2))
	for i := range skips {
		skips[i] = forecast.Skip{At: int32(in.number(math.MaxInt32)), Count: int32(in.number(math.MaxInt32))}
	}
	return skips
}
