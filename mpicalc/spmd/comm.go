package spmd

// Comm is what this package needs of a communicator. The root of each call is rank 0. All ranks make the same calls in the
// same order, one at a time. After an error a rank leaves its loop, and its caller must end the other ranks.
type Comm interface {
	// Rank is the caller's number, 0 to Size-1.
	Rank() int
	// Size is the number of ranks.
	Size() int
	// AwaitBcast is Bcast of a few bytes at the beginning of a round. A rank may wait in it for hours and must leave its core to
	// others meanwhile.
	AwaitBcast(buf []byte) error
	// Bcast copies buf of rank 0 to buf of every rank, of the same length.
	Bcast(buf []byte) error
	// Scatterv cuts send of rank 0 into blocks of counts[r] bytes, one a rank, and writes this rank's block to recv.
	// send and counts are read at rank 0 only.
	Scatterv(send []byte, counts []int, recv []byte) error
	// ScattervValues is Scatterv for the values of series.
	ScattervValues(send []float64, counts []int, recv []float64) error
	// Gatherv writes send of every rank, in rank order, to recv of rank 0, which alone reads counts and writes recv.
	Gatherv(send, recv []byte, counts []int) error
	// Allmin returns the least of all ranks' numbers on every rank.
	Allmin(number int64) (int64, error)
}

// gatherEqual gathers len(send) bytes from every rank at rank 0; the other ranks get nil.
func gatherEqual(comm Comm, send []byte) ([]byte, error) {
	if comm.Rank() != 0 {
		return nil, comm.Gatherv(send, nil, nil)
	}
	counts := make([]int, comm.Size())
	for r := range counts {
		counts[r] = len(send)
	}
	all := make([]byte, len(send)*comm.Size())
	return all, comm.Gatherv(send, all, counts)
}
