package spmd

import (
	"encoding/binary"
	"math"
	"time"

	"foliocast/mpicalc/forecast"
)

// The first byte of a message says what it is. Those of the leader:
const (
	messageStop  byte = iota + 1 // end the loop
	messageOpen                  // map a file, and vote
	messageClose                 // unmap a file
	messageChunk                 // fit a chunk
	messageRest                  // sleep until rank 0 wakes the ranks
)

// And those to the leader:
const (
	messageHello  byte = iota + 101 // who the rank is
	messageVote                     // whether it has mapped a file
	messageAnswer                   // the answers to a chunk
)

func appendOptions(b []byte, o *forecast.Options) []byte {
	b = appendText(b, o.Model)
	b = appendNumber(b, uint64(o.Horizon))
	b = appendNumber(b, uint64(o.Step))
	b = appendInts(b, o.Periods)
	b = appendInts(b, o.Seasons)
	for _, list := range [][]float64{o.Levels, o.Quantiles, o.Bands} {
		b = appendFloats(appendNumber(b, uint64(len(list))), list)
	}
	b = appendText(b, o.Point)
	b = appendFlag(appendFlag(appendFlag(b, o.Integers), o.Explain), o.Joint)
	return binary.LittleEndian.AppendUint64(appendNumber(b, uint64(o.Paths)), o.Seed)
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
	o.Bands = parseFloats(in, forecast.MaxLevels)
	o.Point, o.Integers, o.Explain, o.Joint = string(in.text()), in.byte() == 1, in.byte() == 1, in.byte() == 1
	o.Paths, o.Seed = in.number(forecast.MaxPaths), in.word()
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

// assignment describes one series of a chunk: its options, where its values are, and what else the series says.
type assignment struct {
	options    int
	wantErrors bool
	file       int // the number of a mapped file, from 1; 0 when the values are sent
	asset      int // in the mapped file
	from       int
	before     int // see forecast.Series
	length     int
	skips      []forecast.Skip
	ends       []int
	walkEnds   []int
	walkStride int
	targets    []int
	stream     uint64
	regressors int // their numbers are sent after the values
	text       Text
}

// The flags of an assignment.
const (
	flagErrors = 1 << iota
	flagSkips
	flagEnds
	flagWalkEnds
	flagTargets
	flagStream
	flagRegressors
	flagText
	flagBefore
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
	if t.targets != nil {
		flags |= flagTargets
	}
	if t.stream != 0 {
		flags |= flagStream
	}
	if t.regressors > 0 {
		flags |= flagRegressors
	}
	if t.text.Form > 0 {
		flags |= flagText
	}
	if t.before > 0 {
		flags |= flagBefore
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
	if t.targets != nil {
		b = appendInts(b, t.targets)
	}
	if t.stream != 0 {
		b = binary.LittleEndian.AppendUint64(b, t.stream)
	}
	if t.regressors > 0 {
		b = appendNumber(b, uint64(t.regressors))
	}
	if t.text.Form > 0 {
		b = appendForm(b, t.text)
	}
	if t.before > 0 {
		b = appendNumber(b, uint64(t.before))
	}
	return b
}

func appendForm(b []byte, t Text) []byte {
	for _, n := range []int{int(t.Form), t.Steps, t.Levels, t.Quantiles, t.Bands, t.Paths} {
		b = appendNumber(b, uint64(n))
	}
	return b
}

func (t *assignment) parse(in *reader) {
	word := in.number(maxCount)
	*t = assignment{options: word >> flagBits, wantErrors: word&flagErrors != 0, file: in.number(maxCount)}
	if t.file > 0 {
		t.asset, t.from = in.number(maxCount), in.number(maxCount)
	}
	t.length = in.number(maxCount)
	if word&flagSkips != 0 {
		t.skips = parseSkips(in)
	}
	if word&flagEnds != 0 {
		t.ends = in.ints(maxCount)
	}
	if word&flagWalkEnds != 0 {
		t.walkEnds, t.walkStride = in.ints(maxCount), in.number(forecast.MaxHorizon)
	}
	if word&flagTargets != 0 {
		t.targets = in.ints(forecast.MaxHorizon)
	}
	if word&flagStream != 0 {
		t.stream = in.word()
	}
	if word&flagRegressors != 0 {
		t.regressors = in.number(forecast.MaxRegressors)
	}
	if word&flagText != 0 {
		t.text = Text{Form(in.number(math.MaxUint8)), in.number(forecast.MaxHorizon), in.number(forecast.MaxLevels), in.number(forecast.MaxQuantiles), in.number(forecast.MaxLevels), in.number(forecast.MaxPaths)}
	}
	if word&flagBefore != 0 {
		t.before = in.number(maxCount)
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
