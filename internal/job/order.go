package job

import (
	"slices"
	"strings"
)

// Order is an order of a list of jobs: a key, with a minus before it from the greatest to the least.
type Order string

// The keys of orders. Jobs that have not ended have no end, and jobs that never started have no duration: lists in such an order
// leave them out.
const (
	BySubmission Order = "submitted"
	ByEnd        Order = "ended"
	ByDataset    Order = "dataset"
	ByDuration   Order = "duration"
)

// ByNewest is the order of lists that ask for no other.
const ByNewest = "-" + BySubmission

// Orders lists all orders.
func Orders() []Order {
	var all []Order
	for _, key := range []Order{BySubmission, ByEnd, ByDataset, ByDuration} {
		all = append(all, "-"+key, key)
	}
	return all
}

// Known reports whether there is such an order.
func (o Order) Known() bool { return slices.Contains(Orders(), o) }

// Key is what the jobs are ordered by.
func (o Order) Key() Order { return Order(strings.TrimPrefix(string(o), "-")) }

// Descending reports whether the greatest comes first.
func (o Order) Descending() bool { return o != o.Key() }

// Reversed is the same order from the other end.
func (o Order) Reversed() Order {
	if o.Descending() {
		return o.Key()
	}
	return "-" + o
}

// Ended reports whether only jobs that have ended have a place in the order.
func (o Order) Ended() bool { return o.Key() == ByEnd || o.Key() == ByDuration }
