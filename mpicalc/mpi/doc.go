// Package mpi lets Go programs speak MPI, by cgo: Open MPI 4 and 5 and, with the build tag
// mpich, MPICH 4. It imports nothing but the standard library.
//
// The names are MPI's names: Send, Bcast, Scatterv, Reduce mean what MPI 3.1
// says they mean, with the communicator first and the count taken from the
// slice. A program of many ranks starts with [Main]:
//
//	err := mpi.Main(func(world *mpi.Comm) error {
//		greeting := make([]byte, 5)
//		if world.Rank() == 0 {
//			copy(greeting, "hello")
//		}
//		return mpi.Bcast(world, greeting, 0)
//	})
//
// Each function says which ranks must call it, and the section of MPI 3.1 that it
// follows. MPI 4.0 has a new chapter 4, so that its chapters 5 to 14 are 4 to 13 of MPI 3.1,
// with the same sections but for the start and the end of a process, which are in its
// section 11.2.
//
// # Slices
//
// The elements are numbers of fixed size ([Number]), or whatever a derived type ([Type])
// picks out of a slice. Lengths and counts are in elements; only a [File] has offsets in
// bytes. The slices of a call that waits may be on the stack. Those of a call that is
// started, whose name begins with I, are pinned until its [Request] is done.
//
// # Errors
//
// MPI is told to return its errors (MPI_ERRORS_RETURN). Each one arrives as an
// [*Error], and errors.Is finds its class: errors.Is(err, mpi.ErrTruncate).
// Counts, ranks and tags are checked before the native call, because MPI reads
// and writes memory by them. When one rank alone gets an error, the other ranks
// of a collective call wait for ever, so that rank should end the world with
// [Comm.Abort], as Main does. After an error that MPI itself returned from a
// collective call, its remaining messages may disturb the next call on the
// communicator: do not use that communicator again.
//
// # Goroutines
//
// One goroutine at a time may be inside MPI, on any thread; that is MPI's
// SERIALIZED level. A second one gets an error of class [ErrOther] instead of corrupting
// MPI's state. Only [Comm.Abort], [Comm.AbortOnPanic] and what says so may be called at any
// moment. A blocking call keeps one core busy until it returns, but does not block
// other goroutines; [Request.WaitSleeping] and
// [Request.WaitWithoutSpinning] leave the core idle.
//
// # What it is not
//
// It has no reductions written in Go, no Put and Get, no graphs of ranks, no dynamic
// processes and no recovery from a dead rank: mpirun then ends the whole world.
package mpi
