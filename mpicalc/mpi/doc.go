// Package mpi is Foliocast's binding of Open MPI, and the only package of the
// project that knows C.
//
// The names are MPI's names: Send, Bcast, Scatterv, Reduce mean what MPI 3.1
// says they mean, with the communicator first and the count taken from the
// slice. A program of many ranks begins with [Main]:
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
// and writes memory by them. An error that one rank alone sees leaves the other
// ranks of a collective waiting for ever, so a rank that does not know better
// ends the world with [Comm.Abort], as Main does. After an error that MPI itself
// returned from a collective call, messages may stay behind that confuse the next
// call on the communicator: use it no more.
//
// # Goroutines
//
// One goroutine at a time may be inside MPI, on any thread; that is MPI's
// SERIALIZED level. A second one is turned away with an error instead of
// corrupting MPI's state. Only [Comm.Abort], [Comm.AbortOnPanic] and [Wtime]
// may be called at any moment. A blocking call burns one core until it returns,
// but does not hold up other goroutines; [Request.WaitPolitely] does not burn it.
//
// # What it is not
//
// There are no derived datatypes, no one-sided calls, no dynamic processes and
// no recovery from a dead rank: Open MPI 4 then ends the whole world.
package mpi
