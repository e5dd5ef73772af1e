package forecast

// Unread returns how many of the first values of a series the model does not look at, so that they need not be sent to it: the rest
// with Series.Before has the same answer, bit by bit. It is even, since the order in which numbers are added up depends on where they
// lie. Values that would be refused, or that decide whether an answer is rounded, are looked at. A series with regressors needs all
// its values.
func (o *Options) Unread(values []float64) int {
	n := (len(values) - MaxPoints) &^ 1
	if n <= 0 {
		return 0
	}
	if e, ok := lookup(registry(), o.Model); !ok || e.can.has(readsAll) {
		return 0
	}
	if check(values[:n], 0) != nil || o.Integers && !wholeNumbers(values[:n]) {
		return 0
	}
	return n
}
