package spmd

import (
	"fmt"
	"slices"
	"time"
)

// The bounds of a chunk. It always has at least one series, however large.
const (
	// minChunk is the least estimated time of a chunk, in nanoseconds on every thread of its rank, unless no more is left: far
	// more than its messages cost.
	minChunk = 1e6
	// maxChunk is the most, for a small world: short enough that Drop takes effect soon and that all ranks end at about the same
	// time. In a large world chunks last chunkPerRank for each rank, so that rank 0 has that time for each, up to longestChunk.
	maxChunk     = 8e6
	chunkPerRank = 800e3
	longestChunk = 250e6
	// rounds is into how many chunks for each rank what is left is divided, which makes the last chunks short.
	rounds = 4
	// window is how many chunks a rank has at a time: the one that it fits, and the next.
	window = 2
	// chunkBytes bounds the values that are sent to a rank in a chunk, and also the answers that come back. In a large world,
	// worldBytes bounds those of all ranks together, down to minChunkBytes.
	chunkBytes    = 1 << 20
	minChunkBytes = 64 << 10
	worldBytes    = 128 << 20
	// heldBytes bounds the answers that wait for earlier ones, beside those of the chunks that are with the ranks.
	heldBytes = 64 << 20
	// maxMessage bounds a message, which MPI counts in 32 bits. Rank 0 itself fits a series that is longer.
	maxMessage = 1 << 30
	// cachedCost is what a cached answer costs, in nanoseconds.
	cachedCost = 1000
)

// pick is one series chosen for a chunk.
type pick struct {
	active *active
	chunk  *chunk
	series Series
	index  int
	cost   float64
	kind   *kind
	file   int     // the number of the file that the rank has mapped, or 0
	unread int     // values that are not sent, since the model does not look at them
	bytes  int     // of the answer, at most
	lookup *lookup // nil when its answer is not cached
	known  bool    // the rank need not compute it: the answer is in the cache, or comes with another pick
	answer []byte  // nil until it has come
}

// come returns the encoded answer, or nil.
func (p *pick) come() []byte {
	if p.known {
		return p.lookup.answer
	}
	return p.answer
}

// share is which share of the series that the rank computes are those of a workload.
func (c *chunk) share(a *active) float64 {
	its := 0
	for i := range c.picks {
		if c.picks[i].active == a && !c.picks[i].known {
			its++
		}
	}
	return float64(its) / float64(max(c.computed, 1))
}

// lookup is what the cache says of one series.
type lookup struct {
	key    string // of its answer in the cache
	answer []byte // from the cache, or computed; nil before
}

// chunk is what one rank gets at a time: series of one workload or several.
type chunk struct {
	number   int
	rank     int
	cost     float64
	bytes    int // of values that are sent
	picks    []pick
	computed int // picks that the rank computes
	left     int // picks whose answers their workload has not taken
	actives  []*active
	send     transfer
	answer   []byte // the message with the answers
	batch    *batch // at rank 0
}

// budget is what is left of a chunk.
type budget struct {
	cost           float64
	values, answer int // bytes
}

// room is the budget of the next chunk for a rank.
func (l *Leader) room(rank int) budget {
	threads, all := l.peers[rank].capacity, float64(l.Threads())
	most := max(maxChunk, min(chunkPerRank*float64(l.Ranks()), longestChunk)) * threads
	rest := 0.0
	for _, a := range l.active {
		rest += a.left
	}
	cost := max(min(rest*threads/(rounds*all), most), l.minChunk*threads)
	size := min(max(worldBytes/(window*l.Ranks()), minChunkBytes), chunkBytes)
	return budget{cost, size, size}
}

// deal gives chunks to the ranks that have fewer than window, first to those with the least to do, as long as there are series and
// memory for their answers.
func (l *Leader) deal() error {
	for l.undealt() && l.reserved <= heldBytes+window*l.Ranks()*l.room(0).answer {
		rank := l.hungriest()
		if rank < 0 {
			return nil
		}
		begin := time.Now()
		c := l.nextChunk(rank)
		if c.computed == 0 {
			continue // all answers are known, or come with others
		}
		if err := l.hand(c); err != nil {
			return fmt.Errorf("send to rank %d: %w", rank, err)
		}
		dealt := time.Now()
		c.eachActive(func(a *active) {
			a.scatter += dealt.Sub(begin).Seconds()
			a.dealt = dealt
		})
	}
	return nil
}

// undealt reports whether there are series that no chunk has contained yet.
func (l *Leader) undealt() bool {
	return slices.ContainsFunc(l.active, func(a *active) bool { return a.next < a.workload.Len() })
}

// hungriest is the rank with the fewest chunks, the first of several, or -1 when each has enough.
func (l *Leader) hungriest() int {
	rank, chunks := -1, window
	for r := range l.peers {
		if l.peers[r].chunks < chunks && l.computes(r) {
			rank, chunks = r, l.peers[r].chunks
		}
		if chunks == 0 {
			break
		}
	}
	return rank
}

// nextChunk chooses the series of the next chunk. The oldest workload is guaranteed half of it. Then come the workloads
// with the least left to do, so that a small job does not wait for a large one, and last the oldest again.
func (l *Leader) nextChunk(rank int) *chunk {
	c := l.buffers.chunk()
	l.last++
	c.number, c.rank = l.last, rank
	room := l.room(rank)
	oldest := l.active[0]
	half := budget{room.cost / 2, room.values / 2, room.answer / 2}
	rest := half
	l.take(c, oldest, &half)
	room = budget{rest.cost + half.cost, rest.values + half.values, rest.answer + half.answer}
	for a := l.smallest(); a != nil && l.take(c, a, &room); {
		a = l.smallest()
	}
	l.take(c, oldest, &room)
	c.enqueue()
	return c
}

// smallest is the workload with the least left to do, beside the oldest, or nil.
func (l *Leader) smallest() (least *active) {
	for _, a := range l.active[1:] {
		if a.next < a.workload.Len() && (least == nil || a.left < least.left) {
			least = a
		}
	}
	return least
}

// enqueue makes the workloads wait for the answers to the picks of c, which have their place in memory now.
func (c *chunk) enqueue() {
	c.left = len(c.picks)
	for i := range c.picks {
		p := &c.picks[i]
		p.chunk = c
		p.active.waiting.push(p)
	}
}

// take appends the next series of a to the chunk while there is room, and reports whether there was enough for all.
func (l *Leader) take(c *chunk, a *active, room *budget) bool {
	var costs costMemo
	var file *File
	number := 0
	for ; a.next < a.workload.Len(); a.next++ {
		if room.cost <= 0 || room.values <= 0 || room.answer <= 0 {
			return false
		}
		s := a.workload.Series(a.next)
		k := costs.kindIn(l.costs, s.Options, len(s.Values))
		if s.In.File != file {
			file, number = s.In.File, l.files.number(s.In.File, c.rank)
		}
		p := pick{active: a, index: a.next, series: s, kind: k, cost: k.cost(&s.Series), file: number, bytes: resultBytes(s.Options, &s)}
		l.lookUp(&p)
		spend, values := p.cost, 0
		if p.known {
			spend = cachedCost
		} else if c.rank > 0 {
			values = sentBytes(&p)
		}
		if len(c.picks) > 0 && (values > room.values || p.bytes > room.answer) {
			return false
		}
		room.cost -= spend
		room.values -= values
		room.answer -= p.bytes
		l.reserved += p.bytes
		a.left -= p.cost
		if !p.known {
			c.cost += p.cost
			c.computed++
			c.bytes += values
			if p.lookup != nil {
				l.asked[p.lookup.key] = p.lookup
			}
		}
		c.picks = append(c.picks, p)
	}
	return true
}

// sentBytes is how many bytes of values are sent with a pick: of a long series, those that its model looks at.
func sentBytes(p *pick) int {
	n := len(p.series.Values)
	if p.file == 0 && len(p.series.Regressors) == 0 {
		p.unread = p.series.Options.Unread(p.series.Values)
	}
	bytes := 8 * len(p.series.Regressors) * (n + p.series.Options.Horizon)
	if p.file == 0 {
		bytes += 8 * (n - p.unread)
	}
	return bytes
}

// lookUp asks the cache for the answer to a series, and whether it is under way.
func (l *Leader) lookUp(p *pick) {
	key := l.cache.key(p.series, p.cost)
	if key == "" {
		return
	}
	if p.lookup = l.asked[key]; p.lookup == nil {
		p.lookup = &lookup{key: key, answer: l.cache.find(key)}
		p.known = p.lookup.answer != nil
		return
	}
	p.known = true
}

// hand gives a chunk to its rank: to rank 0 itself as tasks, to the others as a message.
func (l *Leader) hand(c *chunk) error {
	l.computed += c.computed
	if c.bytes > maxMessage {
		c.rank = 0
	}
	l.await(&l.peers[c.rank]).chunks++
	l.chunks[c.number] = c
	l.activities.given(c)
	if c.rank == 0 {
		c.eachActive(func(a *active) { a.own++ })
		c.batch = l.buffers.batch()
		c.batch.number = c.number
		c.batch.tasks = appendTasks(c.batch.tasks[:0], c.picks)
		l.own.start(c.batch)
		return nil
	}
	if err := l.wake(); err != nil {
		return err
	}
	buf := appendChunk(l.buffers.bytes(0), c.number, c.computed, c.picks)
	request, err := l.comm.Isend(buf, c.rank)
	c.send = transfer{buf: buf, request: request}
	return err
}

func appendTasks(tasks []task, picks []pick) []task {
	for i := range picks {
		if p := &picks[i]; !p.known {
			tasks = append(tasks, task{p.series.Series, p.series.Options, p.series.WantErrors, p.series.In.File != nil, p.series.Text})
		}
	}
	return tasks
}

// eachActive calls do for each workload of a chunk, once.
func (c *chunk) eachActive(do func(*active)) {
	c.actives = c.actives[:0]
	for i := range c.picks {
		if a := c.picks[i].active; i == 0 || a != c.picks[i-1].active && !slices.Contains(c.actives, a) {
			c.actives = append(c.actives, a)
			do(a)
		}
	}
}
