package spmd

// buffers is the leader's memory for chunks and messages, kept for the next ones. What is kept refers to no workload.
type buffers struct {
	chunks   []*chunk
	batches  []*batch
	messages [][]byte
	kept     int // bytes of messages
}

// maxKeptMessages bounds the memory of messages that is kept, in bytes.
const maxKeptMessages = 64 << 20

func (b *buffers) chunk() *chunk {
	if n := len(b.chunks); n > 0 {
		c := b.chunks[n-1]
		b.chunks = b.chunks[:n-1]
		return c
	}
	return new(chunk)
}

func (b *buffers) keepChunk(c *chunk) {
	if c.answer != nil {
		b.keepBytes(c.answer)
	}
	clear(c.picks)
	clear(c.actives)
	*c = chunk{picks: c.picks[:0], actives: c.actives[:0]}
	b.chunks = append(b.chunks, c)
}

func (b *buffers) batch() *batch {
	if n := len(b.batches); n > 0 {
		c := b.batches[n-1]
		b.batches = b.batches[:n-1]
		return c
	}
	return new(batch)
}

func (b *buffers) keepBatch(c *batch) {
	clear(c.tasks)
	b.batches = append(b.batches, c)
}

func (b *buffers) bytes(size int) []byte {
	if n := len(b.messages); n > 0 {
		m := b.messages[n-1]
		b.messages = b.messages[:n-1]
		b.kept -= cap(m)
		return resize(m, size)
	}
	return make([]byte, size)
}

func (b *buffers) keepBytes(m []byte) {
	if cap(m) > maxKept || b.kept+cap(m) > maxKeptMessages {
		return
	}
	b.messages = append(b.messages, m)
	b.kept += cap(m)
}

// queue holds picks, the oldest first.
type queue struct {
	picks []*pick
	next  int
}

func (q *queue) push(p *pick) { q.picks = append(q.picks, p) }

// first is the oldest pick, or nil.
func (q *queue) first() *pick {
	if q.next == len(q.picks) {
		return nil
	}
	return q.picks[q.next]
}

// pop removes the oldest pick.
func (q *queue) pop() {
	q.picks[q.next] = nil
	q.next++
	if q.next == len(q.picks) {
		q.picks, q.next = q.picks[:0], 0
	}
	if q.next > 1000 && 2*q.next > len(q.picks) {
		n := copy(q.picks, q.picks[q.next:])
		clear(q.picks[n:])
		q.picks, q.next = q.picks[:n], 0
	}
}
