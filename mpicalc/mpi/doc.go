// Package mpi is Foliocast's binding of Open MPI, and the only package of the
// project that knows C.
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
// SERIALIZED level. A second one gets an error instead of corrupting MPI's
// state. Only [Comm.Abort], [Comm.AbortOnPanic] and [Wtime] may be called at any
// moment. A blocking call keeps one core busy until it returns, but does not block
// other goroutines; [Request.WaitSleeping] leaves the core idle.
//
// # What it is not
//
// It has no derived datatypes, no one-sided calls, no dynamic processes and no
// recovery from a dead rank: Open MPI 4 then ends the whole world.
package mpi
