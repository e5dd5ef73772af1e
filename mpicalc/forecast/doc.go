// Package forecast turns one series of numbers into its next values: point forecasts, prediction intervals, and a
// measure of how far both can be trusted.
//
// It is mathematics only. It does no input or output, reads no clock and has no global state: the
// same numbers in give the same bits out. Dates, names of assets, files and ranks are its callers' business; of a calendar it
// knows the slots that hold no value and the usual seasons.
//
// A [Method] is a model with its options, and is shared by all series of a job. An [Engine] is the scratch memory of
// one goroutine. [Engine.Forecast] applies a method to one series. The registry, in registry.go, says which models
// exist and what each can do. Accuracy measures compare forecasts with actual values ([SMAPE], [MASE], [OWA],
// [Coverage], [Naive2]).
package forecast
