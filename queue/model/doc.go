// Package model holds the protocols of leases, of dealing, of owners who take turns, and of the
// data service's doubt about what it has sent, as models for the checker Spin, and replays
// histories of chaos on that of leases. Its tests go through all states of each model, and
// show that each without one of its rules breaks what it promises. README.md has what is
// modelled, the figures and the counterexamples. It serves tests only.
package model
