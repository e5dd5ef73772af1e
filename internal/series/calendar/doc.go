// Package calendar says by which rule the times of a series follow each other: every fifteen minutes, on the business days
// of a market, on the last day of each quarter. It finds the rule in the times, reads and writes its name as pandas does,
// and counts on from the last time. It knows no files, no values and no zones.
//
// # Slots
//
// A [Calendar] numbers the times of its rule with consecutive integers, the slots. What is absent, what follows, which of
// two rules is coarser and in which phase of its season a value stands are then questions about integers. Each time falls
// into one slot, also a time that breaks the rule: the Thursday before Good Friday falls into the slot of that Friday.
//
// # Times
//
// All times are microseconds since 1970-01-01 00:00:00 on the clock of the place that the data come from, without a zone:
// a day is always 86,400 seconds long. The exception are rules of elapsed time, such as every four hours, which hold in
// UTC: see [Calendar.Absolute].
//
// A rule of days or longer is about days. At which time of day it holds is no part of the rule, so that a session that
// closed early obeys it. The usual time of day is kept for the times to come.
package calendar
