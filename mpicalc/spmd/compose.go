package spmd

import (
	"cmp"
	"math"
	"slices"
)

// The bounds of a chunk. One series always goes, however large.
const (
	// chunkNanoseconds is the estimated time of a chunk on every thread of the world: short enough to make progress
	// and withdrawal real, long enough that the collective calls do not count.
	chunkNanoseconds = 250e6
	// chunkBytes bounds the values sent and the answers returned, each.
	chunkBytes = 32 << 20
	// knownCost is what an answer that is known costs, in nanoseconds.
	knownCost = 1000
	// maxFirst is for how many series room is made at first: no chunk has more when each of them is cheap.
	maxFirst = chunkBytes / 256
	// maxShare is the most of anything that one collective call can carry.
	maxShare = math.MaxInt32
)

// pick is one series chosen for a chunk.
type pick struct {
	active *active
	index  int
	series Series
	cost   float64
	file   int     // the number of the file that all ranks have mapped, or 0
	recall *recall // nil when its answer is not to be kept
}

// recall is what is known of the answer to a series.
type recall struct {
	key    string // under which it is kept
	answer []byte // kept from before; when the chunk is computed, from now
	same   *recall
}

// known reports whether the ranks need not compute it: it is kept, or the same is asked before in the same chunk.
func (p *pick) known() bool {
	return p.recall != nil && (p.recall.answer != nil || p.recall.same != nil)
}

// budget is what is left of a chunk.
type budget struct {
	cost           float64
	values, answer int // bytes
}

// compose chooses the series of the next chunk. The oldest work has half of it by right; then come the works with
// the least left to do, so that a small job does not wait for a large one, and at last the oldest again.
func (l *Leader) compose() []pick {
	picks := l.round.picks[:0]
	if picks == nil {
		picks = make([]pick, 0, min(l.left(), maxFirst))
	}
	l.round.seen = make(map[string]*recall)
	if len(l.active) == 0 {
		return picks
	}
	room := budget{cost: chunkNanoseconds, values: chunkBytes, answer: chunkBytes}
	room.cost *= float64(l.Threads())
	oldest := l.active[0]
	half := budget{room.cost / 2, room.values / 2, room.answer / 2}
	rest := half
	picks = l.take(picks, oldest, &half)
	room = budget{rest.cost + half.cost, rest.values + half.values, rest.answer + half.answer}
	others := slices.Clone(l.active[1:])
	slices.SortStableFunc(others, func(a, b *active) int { return cmp.Compare(a.left, b.left) })
	for _, a := range append(others, oldest) {
		picks = l.take(picks, a, &room)
	}
	l.round.picks = picks
	return picks
}

// left is how many series no chunk has had.
func (l *Leader) left() (series int) {
	for _, a := range l.active {
		series += a.work.Len() - a.next
	}
	return series
}

// take moves series of a into the chunk while there is room.
func (l *Leader) take(picks []pick, a *active, room *budget) []pick {
	var prices priceList
	var file *File
	number := 0
	for ; a.next < a.work.Len(); a.next++ {
		if room.cost <= 0 || room.values <= 0 || room.answer <= 0 {
			break
		}
		s := a.work.Series(a.next)
		p, err := prices.of(s.Options)
		if err != nil { // Add has checked them
			panic(err)
		}
		if s.In.File != file {
			file, number = s.In.File, l.files.number(s.In.File)
		}
		chosen := pick{active: a, index: a.next, series: s, cost: p.of(len(s.Values)), file: number}
		chosen.recall = l.recall(&chosen)
		spend := chosen.cost
		values, answer := 8*len(s.Values), resultBytes(s.Options, len(s.Values), s.WantErrors)
		if chosen.known() {
			spend = knownCost
		}
		if chosen.known() || chosen.file > 0 || l.Ranks() == 1 {
			values = 0
		}
		if len(picks) > 0 && (values > room.values || answer > room.answer) {
			break
		}
		room.cost -= spend
		room.values -= values
		room.answer -= answer
		a.left -= chosen.cost
		if chosen.recall != nil && !chosen.known() {
			l.round.seen[chosen.recall.key] = chosen.recall
		}
		picks = append(picks, chosen)
	}
	return picks
}

// recall looks whether the answer to a series is known, from before or from the same chunk.
func (l *Leader) recall(p *pick) *recall {
	key := l.reuse.key(p.series, p.cost)
	if key == "" {
		return nil
	}
	return &recall{key: key, answer: l.reuse.find(key), same: l.round.seen[key]}
}

// takers are the works of a chunk, each once.
func takers(picks []pick) []*active {
	var all []*active
	for i, p := range picks {
		if i == 0 || p.active != picks[i-1].active && !slices.Contains(all, p.active) {
			all = append(all, p.active)
		}
	}
	return all
}
