// Package spmd spreads one batch of series over many ranks: rank 0 says what is to be forecast, every rank fits its
// share, and rank 0 gets the forecasts back in the order in which it asked.
//
// Rank 0 is the [Leader]. It is given any number of [Work] (a job's series each) and takes them through in bounded
// chunks, so that no rank ever holds more than a chunk of values or results, a small work does not wait for a large
// one, and what is withdrawn stops at the next chunk. The other ranks call [Follow] and do as they are told.
//
// A chunk is one round of collective calls:
//
//	rank 0                                    the others
//	broadcast the control block and header    wait for it, asleep when idle
//	scatter the shares: what to fit           receive their own
//	scatter values that ranks cannot map      receive their own
//	fit the own share on all threads          fit the own share on all threads
//	gather sizes and seconds, then results    send them
//	hand the results to their works           wait for the next control block
//
// Work is cut by its estimated cost into one contiguous share a rank, so rank order is asset order, and no number
// depends on how many ranks or threads there are.
//
// The package knows no MPI: [Comm] is the little that it needs of a communicator, and [Local] is one of goroutines.
package spmd
