package spmd

import (
	"fmt"
	"time"
)

// Config is how a rank takes part. Each rank has its own.
type Config struct {
	// Threads is how many goroutines fit at this rank; 0 means 1.
	Threads int
	// Host is the name of this rank's machine, for Leader.Hosts.
	Host string
	// Open maps stored files. When it is nil, this rank maps none, and rank 0 sends all values.
	Open Open
	// CacheBytes bounds the answers that rank 0 caches, for workloads that ask the same about the same part of a stored
	// file; 0 means no cache.
	CacheBytes int
	// Write writes the texts that series ask for. When it is nil, this rank writes none, and rank 0 has to.
	Write Write
	// Engine makes the engine of one goroutine; nil means forecast.New.
	Engine func() Engine
}

// Follow is the loop of every rank other than 0: it computes what the leader sends, and returns nil when the leader stops.
// An error means that this rank has left the loop while others may wait for it, so the caller must end the world.
func Follow(comm Comm, c Config) error {
	f := &follower{comm: comm, open: c.Open, threads: max(c.Threads, 1), fitter: newFitter(c), unpacker: newUnpacker()}
	defer f.end()
	hello := append(appendNumber([]byte{messageHello}, uint64(f.threads)), c.Host...)
	if err := f.send(hello); err != nil {
		return err
	}
	for {
		moved, err := f.look()
		if err != nil {
			return err
		}
		if f.stopped && len(f.leaving) == 0 {
			return nil
		}
		if moved {
			continue
		}
		if err := f.await(); err != nil {
			return fmt.Errorf("await the leader: %w", err)
		}
	}
}

// follower is a rank other than 0.
type follower struct {
	comm     Comm
	open     Open
	threads  int
	fitter   *fitter
	unpacker *unpacker
	arriving []transfer // from the leader, the oldest first
	leaving  []transfer // to it
	stopped  bool
	batches  []*batch // not in use
	buffers  [][]byte // likewise
}

// transfer is a message on its way.
type transfer struct {
	buf     []byte
	request Request
	done    bool
}

// test reports whether the message has arrived.
func (t *transfer) test() (bool, error) {
	if t.done {
		return true, nil
	}
	var err error
	t.done, err = t.request.Test()
	return t.done, err
}

func (f *follower) end() {
	f.fitter.close()
	for _, source := range f.unpacker.files {
		source.Close()
	}
}

const (
	// soon is how long a rank waits while a message to it is on its way, which makes progress only in calls.
	soon = time.Millisecond
	// late is how long it waits to see that a message of its own has left, which makes progress in the calls of Await.
	late = 100 * time.Millisecond
	// long is how long it waits when only the other side can go on.
	long = time.Hour
)

// await waits until there may be something to do.
func (f *follower) await() error {
	held := f.fitter.held()
	if held == window && len(f.arriving)+len(f.leaving) == 0 {
		<-f.fitter.wake // before that, the leader sends nothing that could be done
		return nil
	}
	var wake <-chan struct{}
	if held > 0 {
		wake = f.fitter.wake
	}
	most := long
	switch {
	case len(f.arriving) > 0 || f.stopped:
		most = soon
	case len(f.leaving) > 0:
		most = late
	}
	return f.comm.Await(wake, most)
}

// look does everything that can be done without waiting, and reports whether that was anything.
func (f *follower) look() (moved bool, err error) {
	from, size, found, err := f.comm.Iprobe()
	if err != nil {
		return false, fmt.Errorf("look for messages: %w", err)
	}
	if found {
		if err := f.receive(from, size); err != nil {
			return false, err
		}
	}
	for len(f.arriving) > 0 {
		handled, err := f.handleOldest()
		if err != nil {
			return false, err
		}
		if !handled {
			break
		}
		moved = true
	}
	for _, b := range f.fitter.finished() {
		if err := f.send(appendAnswer(f.buffer(0), b, f.threads)); err != nil {
			return false, err
		}
		f.batches = append(f.batches, b)
		moved = true
	}
	return moved || found, f.testLeaving()
}

func (f *follower) testLeaving() error {
	for i := 0; i < len(f.leaving); {
		done, err := f.leaving[i].test()
		if err != nil {
			return fmt.Errorf("send to the leader: %w", err)
		}
		if !done {
			i++
			continue
		}
		f.recycle(f.leaving[i].buf)
		f.leaving = append(f.leaving[:i], f.leaving[i+1:]...)
	}
	return nil
}

func (f *follower) receive(from, size int) error {
	buf := f.buffer(size)
	request, err := f.comm.Irecv(buf, from)
	if err != nil {
		return fmt.Errorf("receive from the leader: %w", err)
	}
	f.arriving = append(f.arriving, transfer{buf: buf, request: request})
	return nil
}

func (f *follower) send(buf []byte) error {
	request, err := f.comm.Isend(buf, 0)
	if err != nil {
		return fmt.Errorf("send to the leader: %w", err)
	}
	f.leaving = append(f.leaving, transfer{buf: buf, request: request})
	return nil
}

// buffer is memory for a message.
func (f *follower) buffer(size int) []byte {
	if n := len(f.buffers); n > 0 {
		b := f.buffers[n-1]
		f.buffers = f.buffers[:n-1]
		return resize(b, size)
	}
	return make([]byte, size)
}

// maxKept is how much memory a rank keeps for the next message or batch, in bytes: more was for an exception.
const maxKept = 4 << 20

func (f *follower) recycle(buf []byte) {
	if cap(buf) <= maxKept {
		f.buffers = append(f.buffers, buf)
	}
}

// handleOldest does what the oldest message says, and reports whether it has arrived and could be done. Messages other than chunks
// wait until all chunks before them are fitted: these may need a file that is to be unmapped.
func (f *follower) handleOldest() (bool, error) {
	t := &f.arriving[0]
	done, err := t.test()
	if err != nil {
		return false, fmt.Errorf("receive from the leader: %w", err)
	}
	if !done {
		return false, nil
	}
	if len(t.buf) == 0 {
		return false, errMalformed
	}
	if t.buf[0] != messageChunk && f.fitter.held() > 0 {
		return false, nil
	}
	if err := f.execute(t.buf[0], t.buf[1:]); err != nil {
		return false, err
	}
	f.recycle(t.buf)
	f.arriving = append(f.arriving[:0], f.arriving[1:]...)
	return true, nil
}

func (f *follower) execute(kind byte, rest []byte) error {
	switch kind {
	case messageChunk:
		b := f.batch()
		if err := f.unpacker.chunk(b, rest); err != nil {
			return err
		}
		f.fitter.start(b)
		return nil
	case messageOpen:
		return f.openFile(rest)
	case messageClose:
		return f.closeFile(rest)
	case messageRest:
		return f.comm.Wake()
	case messageStop:
		f.stopped = true
		return nil
	}
	return errMalformed
}

func (f *follower) batch() *batch {
	if n := len(f.batches); n > 0 {
		b := f.batches[n-1]
		f.batches = f.batches[:n-1]
		if 8*cap(b.values) <= maxKept {
			return b
		}
	}
	return new(batch)
}

// openFile maps the file that the leader names, and tells it whether that was possible.
func (f *follower) openFile(message []byte) error {
	in := reader{rest: message}
	number := in.number(maxCount)
	seen, err := parseFileIdentity(in.rest)
	if in.failed || err != nil {
		return errMalformed
	}
	var source Source
	if f.open != nil {
		source = seen.open(f.open)
	}
	if source != nil {
		f.unpacker.files[number] = source
	}
	vote := appendNumber([]byte{messageVote}, uint64(number))
	return f.send(appendFlag(vote, source != nil))
}

func (f *follower) closeFile(message []byte) error {
	in := reader{rest: message}
	number := in.number(maxCount)
	if err := in.end(); err != nil {
		return err
	}
	source := f.unpacker.files[number]
	if source == nil {
		return nil
	}
	delete(f.unpacker.files, number)
	f.batches = nil // the values of their tasks may be in the mapping
	return source.Close()
}
