package spmd

import (
	"cmp"
	"math"
	"slices"
)

// The bounds of a chunk. It always has at least one series, however large.
const (
	// chunkNanoseconds is the estimated time of a chunk on every thread of the world: short enough that progress is
	// reported and Drop takes effect soon, long enough that the collective calls cost next to nothing.
	chunkNanoseconds = 250e6
	// chunkBytes bounds the values that are sent, and also the answers that come back.
	chunkBytes = 32 << 20
	// cachedCost is what a cached answer costs, in nanoseconds.
	cachedCost = 1000
	// initialPicks bounds the capacity allocated before the first chunk. Chunks of cheap series have about as many.
	initialPicks = chunkBytes / 256
	// maxShare is how many elements one collective call can carry.
	maxShare = math.MaxInt32
)

// pick is one series chosen for a chunk.
type pick struct {
	active *active
	index  int
	series Series
	cost   float64
	file   int     // the number of the file that all ranks have mapped, or 0
	lookup *lookup // nil when its answer is not cached
}

// lookup is what the cache says of one series.
type lookup struct {
	key    string  // of its answer in the cache
	answer []byte  // from the cache, or from this chunk once it is computed; nil before
	same   *lookup // of an earlier series of this chunk with the same key, or nil
}

// cached reports whether the ranks need not compute it: the answer is in the cache, or an earlier series of the chunk
// asks for the same.
func (p *pick) cached() bool {
	return p.lookup != nil && (p.lookup.answer != nil || p.lookup.same != nil)
}

// budget is what is left of a chunk.
type budget struct {
	cost           float64
	values, answer int // bytes
}

// nextChunk chooses the series of the next chunk. The oldest workload is guaranteed half of it. Then come the workloads
// with the least left to do, so that a small job does not wait for a large one, and last the oldest again.
func (l *Leader) nextChunk() []pick {
	picks := l.buffers.picks[:0]
	if picks == nil {
		picks = make([]pick, 0, min(l.left(), initialPicks))
	}
	l.buffers.byKey = make(map[string]*lookup)
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
	l.buffers.picks = picks
	return picks
}

// left counts the series that no chunk has contained yet.
func (l *Leader) left() (series int) {
	for _, a := range l.active {
		series += a.workload.Len() - a.next
	}
	return series
}

// take appends the next series of a to the chunk while there is room.
func (l *Leader) take(picks []pick, a *active, room *budget) []pick {
	var costs costMemo
	var file *File
	number := 0
	for ; a.next < a.workload.Len(); a.next++ {
		if room.cost <= 0 || room.values <= 0 || room.answer <= 0 {
			break
		}
		s := a.workload.Series(a.next)
		model, err := costs.of(s.Options)
		if err != nil { // Add has validated them
			panic(err)
		}
		if s.In.File != file {
			file, number = s.In.File, l.files.number(s.In.File)
		}
		chosen := pick{active: a, index: a.next, series: s, cost: model.of(&s.Series), file: number}
		chosen.lookup = l.lookUp(&chosen)
		spend := chosen.cost
		values, answer := 8*len(s.Values), resultBytes(s.Options, &s)
		if chosen.cached() {
			spend = cachedCost
		}
		if chosen.cached() || chosen.file > 0 || l.Ranks() == 1 {
			values = 0
		}
		if l.Ranks() > 1 {
			values += 8 * len(s.Regressors) * (len(s.Values) + s.Options.Horizon)
		}
		if len(picks) > 0 && (values > room.values || answer > room.answer) {
			break
		}
		room.cost -= spend
		room.values -= values
		room.answer -= answer
		a.left -= chosen.cost
		if chosen.lookup != nil && !chosen.cached() {
			l.buffers.byKey[chosen.lookup.key] = chosen.lookup
		}
		picks = append(picks, chosen)
	}
	return picks
}

// lookUp asks the cache for the answer to a series. It returns nil when such answers are not cached.
func (l *Leader) lookUp(p *pick) *lookup {
	key := l.cache.key(p.series, p.cost)
	if key == "" {
		return nil
	}
	return &lookup{key: key, answer: l.cache.find(key), same: l.buffers.byKey[key]}
}

// workloadsOf lists the workloads of a chunk, each once.
func workloadsOf(picks []pick) []*active {
	var all []*active
	for i, p := range picks {
		if i == 0 || p.active != picks[i-1].active && !slices.Contains(all, p.active) {
			all = append(all, p.active)
		}
	}
	return all
}
