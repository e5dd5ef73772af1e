package spmd

import "foliocast/mpicalc/forecast"

// reuseAbove is what a series must cost, in nanoseconds, for its answer to be kept: less is faster computed than found.
const reuseAbove = 50_000

// reuse keeps encoded answers of series that lie in stored files, so that jobs which ask the same of the same asset
// are computed once. An answer depends on nothing but the values and the options, so a kept one is the same bytes.
//
// There are two generations: an answer that is asked for moves to the young one, and when that is full the old one is
// forgotten.
type reuse struct {
	limit      int // bytes of a generation; 0 keeps nothing
	young, old map[string][]byte
	bytes      int // in the young one
	options    *forecast.Options
	asked      []byte // the options, encoded
}

func newReuse(bytes int) *reuse {
	return &reuse{limit: bytes / 2, young: make(map[string][]byte), old: make(map[string][]byte)}
}

// key says what is asked of which values; it is empty when the answer is not to be kept.
func (r *reuse) key(s Series, cost float64) string {
	if r.limit == 0 || s.In.File == nil || cost < reuseAbove {
		return ""
	}
	if s.Options != r.options {
		r.options, r.asked = s.Options, appendOptions(nil, s.Options)
	}
	b := make([]byte, 0, 192)
	b = appendText(b, s.In.File.SHA256)
	for _, n := range []int{s.In.Asset, s.In.From, s.In.To} {
		b = appendNumber(b, uint64(n))
	}
	if s.WantErrors {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return string(append(b, r.asked...))
}

func (r *reuse) find(key string) []byte {
	if answer, ok := r.young[key]; ok {
		return answer
	}
	answer, ok := r.old[key]
	if ok {
		delete(r.old, key)
		r.keep(key, answer)
	}
	return answer
}

// keep holds on to an answer, which must not change.
func (r *reuse) keep(key string, answer []byte) {
	if r.bytes > r.limit {
		r.old, r.young, r.bytes = r.young, make(map[string][]byte), 0
	}
	r.young[key] = answer
	r.bytes += len(key) + len(answer)
}
