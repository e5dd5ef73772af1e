package spmd

import "fmt"

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
}

// handshakeSize is the length of what every rank sends to rank 0 at the start: its threads and its host's name, cut off
// where it is longer.
const handshakeSize = 8 + 248

func join(comm Comm, c Config) (*member, []byte, error) {
	c.Threads = max(c.Threads, 1)
	handshake := appendText(appendFixed(nil, c.Threads), c.Host[:min(len(c.Host), handshakeSize-16)])
	handshake = append(handshake, make([]byte, handshakeSize-len(handshake))...)
	all, err := gatherEqual(comm, handshake)
	return &member{comm: comm, open: c.Open, fitter: newFitter(c.Threads)}, all, err
}

// Follow is the loop of every rank other than 0: it computes what the leader sends, and returns nil when the leader stops.
// An error means that this rank has left the loop while others may wait for it, so the caller must end the world.
func Follow(comm Comm, c Config) error {
	m, _, err := join(comm, c)
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	f := &follower{member: m, files: make(map[int]Source)}
	defer f.closeAll()
	for {
		block := make([]byte, controlSize)
		if err := comm.AwaitBcast(block); err != nil {
			return fmt.Errorf("await the leader: %w", err)
		}
		kind, size := parseControl(block)
		head := make([]byte, size)
		if size > 0 {
			if err := comm.Bcast(head); err != nil {
				return fmt.Errorf("receive the header: %w", err)
			}
		}
		if kind == controlStop {
			return nil
		}
		if err := f.execute(kind, head); err != nil {
			return err
		}
	}
}

type follower struct {
	*member
	files       map[int]Source // by the leader's number
	header      header
	assignments []byte
	values      []float64
	tasks       []task
}

func (f *follower) execute(kind byte, head []byte) error {
	switch kind {
	case controlOpen:
		return f.openFile(head)
	case controlClose:
		return f.closeFile(head)
	case controlChunk:
		return f.chunk(head)
	}
	return errMalformed
}

// openFile maps the file that the leader names, and keeps it mapped when all ranks could.
func (f *follower) openFile(head []byte) error {
	in := reader{rest: head}
	number := in.number(maxShare)
	seen, err := parseFileIdentity(in.rest)
	if in.failed || err != nil {
		return errMalformed
	}
	var source Source
	if f.open != nil {
		source = seen.open(f.open)
	}
	all, err := agree(f.comm, source != nil)
	if source != nil {
		f.files[number] = source
	}
	if err != nil {
		return err
	}
	if !all {
		return f.drop(number)
	}
	return nil
}

func (f *follower) closeFile(head []byte) error {
	in := reader{rest: head}
	number := in.number(maxShare)
	if err := in.end(); err != nil {
		return err
	}
	return f.drop(number)
}

func (f *follower) drop(number int) error {
	source := f.files[number]
	if source == nil {
		return nil
	}
	delete(f.files, number)
	f.tasks = nil // their values are in the mapping
	return source.Close()
}

func (f *follower) closeAll() {
	for _, source := range f.files {
		source.Close()
	}
}

// chunk computes this rank's share.
func (f *follower) chunk(head []byte) error {
	if err := f.header.parse(head, f.comm.Size()); err != nil {
		return err
	}
	own := f.header.shares[f.comm.Rank()]
	f.assignments = resize(f.assignments, own.bytes)
	f.values = resize(f.values, own.values)
	if err := f.comm.Scatterv(nil, nil, f.assignments); err != nil {
		return fmt.Errorf("receive assignments: %w", err)
	}
	if f.header.scattersValues() {
		if err := f.comm.ScattervValues(nil, nil, f.values); err != nil {
			return fmt.Errorf("receive values: %w", err)
		}
	}
	var err error
	f.tasks, err = unpack(f.tasks[:0], f.assignments, f.values, f.header.options, f.files)
	if err != nil {
		return err
	}
	answers, status := f.compute(f.tasks)
	if _, err := gatherEqual(f.comm, status); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := f.comm.Gatherv(answers, nil, nil); err != nil {
		return fmt.Errorf("send answers: %w", err)
	}
	return nil
}

// agree reports on every rank whether can is true on all of them. All ranks must call it.
func agree(comm Comm, can bool) (bool, error) {
	vote := int64(0)
	if can {
		vote = 1
	}
	least, err := comm.Allmin(vote)
	return least == 1, err
}
