package spmd

import (
	"encoding/binary"

	"foliocast/mpicalc/forecast"
)

// minCachedCost is the least cost, in nanoseconds, of a series whose answer is cached. A cheaper one is computed faster
// than it is looked up.
const minCachedCost = 50_000

// answerCache keeps the encoded answers of series in stored files, so that identical questions about the same values are
// computed once. An answer depends on the values and the options alone, so a cached answer has the same bytes as a
// computed one.
//
// It has two generations. An answer that is found moves to the young one; when that is full, it becomes the old one and
// the old one is dropped.
type answerCache struct {
	limit      int // bytes of a generation; 0 caches nothing
	young, old map[string][]byte
	bytes      int               // in the young one
	options    *forecast.Options // of the last key
	encoded    []byte            // those options
}

func newAnswerCache(bytes int) *answerCache {
	return &answerCache{limit: bytes / 2, young: make(map[string][]byte), old: make(map[string][]byte)}
}

// key identifies the values and the question. It is empty when the answer is not cached: regressors are in no file of their own.
func (c *answerCache) key(s Series, cost float64) string {
	if c.limit == 0 || s.In.File == nil || len(s.Regressors) > 0 || cost < minCachedCost {
		return ""
	}
	if s.Options != c.options {
		c.options, c.encoded = s.Options, appendOptions(nil, s.Options)
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
	b = appendInts(appendInts(appendSkips(b, s.Skips), s.Ends), s.WalkEnds)
	b = appendInts(appendNumber(b, uint64(s.WalkStride)), s.Targets)
	b = binary.LittleEndian.AppendUint64(b, s.Stream)
	b = appendForm(b, s.Text)
	return string(append(b, c.encoded...))
}

// find returns the answer under key, or nil.
func (c *answerCache) find(key string) []byte {
	if answer, ok := c.young[key]; ok {
		return answer
	}
	answer, ok := c.old[key]
	if ok {
		delete(c.old, key)
		c.keep(key, answer)
	}
	return answer
}

// keep adds an answer, whose bytes must not change afterwards.
func (c *answerCache) keep(key string, answer []byte) {
	if c.bytes > c.limit {
		c.old, c.young, c.bytes = c.young, make(map[string][]byte), 0
	}
	c.young[key] = answer
	c.bytes += len(key) + len(answer)
}
