package series

import "time"

// Steps takes a number in a column of times as it is. [Builder.Table] finds out what the numbers of a column mean.
func Steps(n int64) (int64, string) { return n, "" }

// Dates reads a number in a column of times as days since 1970-01-01, or returns the reason why it cannot be a date.
func Dates(n int64) (int64, string) {
	if low, high := Date.bounds(); n < low || n > high {
		return 0, outOfYears
	}
	return n, ""
}

// Timestamps returns a function that reads numbers in a column of times as the given unit since 1970-01-01. The function
// returns microseconds, rounded down, or the reason why a number cannot be a time.
func Timestamps(unit time.Duration) func(n int64) (int64, string) {
	times, per := int64(max(1, unit/time.Microsecond)), int64(max(1, time.Microsecond/unit))
	return func(n int64) (int64, string) {
		n = floorDiv(n, per)
		if n < minMicros/times || n > maxMicros/times {
			return 0, outOfYears
		}
		return n * times, ""
	}
}

const outOfYears = "the time is not within the years 1 to 9999"
