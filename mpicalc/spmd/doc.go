// Package spmd spreads series over many ranks: rank 0 says what to forecast, every rank fits its share, and rank 0 receives
// the forecasts in the order in which it asked.
//
// Rank 0 is the [Leader]. It takes any number of [Workload] values, each the series of one job, through the ranks in
// bounded chunks. So no rank holds more than a chunk of values or results, a small workload does not wait for a large
// one, and a dropped one stops at the next chunk. The other ranks call [Follow] and compute what the leader sends.
//
// A chunk is one round of collective calls:
//
//	rank 0                                      the others
//	broadcast the control block and the header  wait for them, asleep when idle
//	scatter the shares: what to fit             receive their own
//	scatter values that are not mapped          receive their own
//	fit its own share on all threads            fit their own on all threads
//	gather sizes and times, then results        send them
//	deliver the results to their workloads      wait for the next control block
//
// The series of a chunk are divided by their estimated cost into one contiguous share for each rank. So rank order is
// asset order, and no result depends on the number of ranks or threads.
//
// The package does not know MPI: [Comm] is what it needs of a communicator, and [Local] makes one of goroutines.
package spmd
