// Package model holds the protocol of leases, and that of the data service's doubt about
// what it has sent, as models for the checker Spin. Its tests go through all states of both,
// and show that each model without one of its rules breaks what it promises. README.md has
// what is modelled, the figures and the counterexamples.
package model
