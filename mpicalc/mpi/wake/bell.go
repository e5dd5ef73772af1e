// Package wake broadcasts short messages of rank 0 to ranks that may wait for hours: they use
// next to no time meanwhile, and wake at once, also where many share a core. It is no broadcast
// of MPI, in whose calls a rank can wait only by testing, and in whose trees a rank that sleeps
// between its tests keeps those behind it waiting.
//
// On each node one rank leads. The leaders get the message from rank 0, which sends it to each
// of them, and test for it at intervals. The other ranks wait on a futex in memory that they
// share with their leader (MPI_Win_allocate_shared).
package wake

import (
	"fmt"
	"time"

	"foliocast/mpicalc/mpi"
)

// Limit is the most bytes of a message.
const Limit = 64

// leaderSleep is how long a leader sleeps between two tests: the most that a message waits on its
// way to another node. It costs half a percent of a core.
const leaderSleep = 5 * time.Millisecond

// Bell broadcasts the messages. Make one with New. Like MPI, it serves one goroutine at a time.
type Bell struct {
	node    *mpi.Comm // the ranks of this node, the leader first
	leaders *mpi.Comm // nil at a rank that does not lead
	window  *mpi.Window[uint32]
	board   board
}

// New makes a bell for the ranks of world, and a node of those that share memory. All ranks of
// world must call it.
func New(world *mpi.Comm) (*Bell, error) {
	node, err := world.SplitShared()
	if err != nil {
		return nil, fmt.Errorf("wake: find the ranks of this node: %w", err)
	}
	return NewOn(world, node)
}

// NewOn is New for given nodes: node is this rank's, in the order of the ranks of world. Its
// ranks must share memory. The bell frees it.
func NewOn(world, node *mpi.Comm) (*Bell, error) {
	b, color, words := &Bell{node: node}, mpi.Undefined, 0
	if node.Rank() == 0 {
		color, words = 0, boardWords
	}
	var err error
	if b.leaders, err = world.Split(color, 0); err != nil {
		return nil, fmt.Errorf("wake: find the leaders of the nodes: %w", err)
	}
	if b.window, err = mpi.AllocateShared[uint32](node, words); err != nil {
		return nil, fmt.Errorf("wake: share memory on this node: %w", err)
	}
	if err := b.window.LockAll(); err != nil {
		return nil, fmt.Errorf("wake: %w", err)
	}
	b.board = board{words: b.window.Of(0), readers: uint32(node.Size() - 1), progress: b.progress}
	return b, nil
}

// Bcast copies message of rank 0 to message of every rank, of the same length. All ranks must call
// it, as often as the others. Rank 0 waits only for ranks that have not received the
// message before. The other ranks use no time to speak of, and other goroutines of theirs may call
// MPI now and then.
func (b *Bell) Bcast(message []byte) error {
	if len(message) > Limit {
		return fmt.Errorf("wake: a message of %d bytes is longer than %d", len(message), Limit)
	}
	if b.leaders == nil {
		return b.board.read(message)
	}
	if err := b.pass(message); err != nil {
		return err
	}
	return b.board.publish(message)
}

// pass takes the message from rank 0 to the other leaders.
func (b *Bell) pass(message []byte) error {
	if b.leaders.Rank() > 0 {
		request, err := mpi.Irecv(b.leaders, message, 0, 0)
		if err != nil {
			return err
		}
		return request.WaitSleeping(leaderSleep)
	}
	for leader := 1; leader < b.leaders.Size(); leader++ {
		if err := mpi.Send(b.leaders, message, mpi.Rank(leader), 0); err != nil {
			return err
		}
	}
	return nil
}

// progress lets MPI move on what this rank has sent before: a send may return before the message
// has left.
func (b *Bell) progress() error {
	for range 2 {
		if _, _, err := mpi.Iprobe[byte](b.node, mpi.AnySource, mpi.AnyTag); err != nil {
			return err
		}
	}
	return nil
}

// Free gives the memory back. All ranks must call it.
func (b *Bell) Free() error {
	if err := b.window.UnlockAll(); err != nil {
		return err
	}
	if err := b.window.Free(); err != nil {
		return err
	}
	if b.leaders != nil {
		if err := b.leaders.Free(); err != nil {
			return err
		}
	}
	return b.node.Free()
}
