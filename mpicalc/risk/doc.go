// Package risk says what joint scenarios of a portfolio mean: how much may be lost, which assets the loss comes from, how
// errors vary together, and whether such answers were right in the past.
//
// It is mathematics only. It does no input or output, reads no clock and has no global state: the same numbers in give the same
// bits out. Scenarios are made elsewhere.
//
// # Conventions
//
// A loss is positive: what the portfolio is worth now minus what it is worth in a scenario. A level α is a probability such as
// 0.95, not a percentage. Scenarios are equally likely. A number that is NaN was not measured and is left out; each function
// says what else goes with it. Without any number an answer is NaN. Functions panic on shapes and levels that no data can
// excuse, and on nothing else.
//
// Scenarios of overlapping horizons depend on each other, and paths that were drawn from a few origins know no more than these
// did: an answer is as certain as the independent scenarios behind it, whatever their number.
package risk
