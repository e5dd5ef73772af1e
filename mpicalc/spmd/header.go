package spmd

import (
	"encoding/binary"
	"slices"

	"foliocast/mpicalc/forecast"
)

// controlSize is the length of the block that begins a round: what to do, and how long the header is that follows.
const controlSize = 8

// What a control block tells the ranks to do.
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

// header is what every rank learns of a chunk: the options that its series may ask for, and the size of each rank's
// share.
type header struct {
	options []*forecast.Options
	shares  []share
}

// share is the part of one rank in a chunk.
type share struct {
	bytes  int // of encoded tickets
	values int // sent along
}

// scattersValues reports whether any rank is sent values, which all ranks must know.
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
	b = appendText(b, string(o.Freq))
	// nil seasons mean "find them", which is not the same as none.
	seasons := uint64(0)
	if o.Seasons != nil {
		seasons = uint64(len(o.Seasons)) + 1
	}
	b = appendNumber(b, seasons)
	for _, m := range o.Seasons {
		b = appendNumber(b, uint64(m))
	}
	b = appendNumber(b, uint64(len(o.Levels)))
	return appendFloats(b, o.Levels)
}

func parseOptions(in *reader) *forecast.Options {
	o := &forecast.Options{
		Model:   string(in.text()),
		Horizon: in.number(forecast.MaxHorizon),
		Freq:    forecast.Freq(in.text()),
	}
	if n := in.number(forecast.MaxSeasons + 1); n > 0 {
		o.Seasons = make([]int, n-1)
		for i := range o.Seasons {
			o.Seasons[i] = in.number(forecast.MaxSeason)
		}
	}
	if n := in.number(forecast.MaxLevels); n > 0 {
		o.Levels = make([]float64, n)
		in.floats(o.Levels)
	}
	return o
}

// ticket tells a rank one series of its share: which options, and where its values are.
type ticket struct {
	options    int
	wantErrors bool
	file       int // the number of a mapped file from 1, or 0 when the values are sent along
	asset      int // in the mapped file
	from       int
	length     int
}

func (t *ticket) append(b []byte) []byte {
	word := uint64(t.options) << 1
	if t.wantErrors {
		word |= 1
	}
	b = appendNumber(b, word)
	b = appendNumber(b, uint64(t.file))
	if t.file > 0 {
		b = appendNumber(b, uint64(t.asset))
		b = appendNumber(b, uint64(t.from))
	}
	return appendNumber(b, uint64(t.length))
}

func (t *ticket) parse(in *reader) {
	word := in.number(maxShare)
	*t = ticket{options: word >> 1, wantErrors: word&1 == 1, file: in.number(maxShare)}
	if t.file > 0 {
		t.asset, t.from = in.number(maxShare), in.number(maxShare)
	}
	t.length = in.number(maxShare)
}
