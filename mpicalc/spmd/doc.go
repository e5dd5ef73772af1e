// Package spmd spreads series over many ranks: rank 0 says what to forecast, every rank fits its share, and rank 0 receives
// the forecasts in the order in which it asked.
//
// Rank 0 is the [Leader]. It takes any number of [Workload] values, each the series of one job, through the ranks in
// chunks of some milliseconds. So no rank holds more than two chunks of values or results, a small workload does not wait for
// a large one, and a dropped one stops soon. The other ranks call [Follow] and compute what the leader sends.
//
// A chunk goes to one rank, and is dealt when the rank has room for it. A rank has two at a time, so that the next is there when
// it has fitted one:
//
//	rank 0                                      another rank
//	chooses series and sends them ───────────►  receives them while it fits the chunk before
//	meanwhile serves the others                 fits them on all threads
//	receives the answers          ◄───────────  sends them, and fits the next chunk
//	delivers them to their workloads, in order
//
// How long a chunk takes is estimated from what the ranks have measured of such series; the last chunks are short, so that all
// ranks end together. Which rank fits a series decides nothing: no result depends on the number of ranks or threads. In a small
// world rank 0 fits, too; in a large one it only serves the others.
//
// The package does not know MPI: [Comm] is what it needs of a communicator, and [Local] makes one of goroutines.
package spmd
