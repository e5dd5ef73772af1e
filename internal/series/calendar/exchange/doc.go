// Package exchange knows on which days five stock exchanges trade: New York
// (XNYS), Frankfurt's Xetra (XETR), Tokyo (XTKS), London (XLON) and Tel Aviv
// (XTAE).
//
// Each exchange is a set of rules (the third Monday of January, two days before
// Easter, the ninth of Av) and a list of the closures that no rule foretells:
// storms, funerals, jubilees, elections. Within the years of [Exchange.Known]
// both are complete. In other years the rules go on: before, as they were in
// the first known year where nothing else is said; after, as they are today.
// Closures that nobody has announced yet are missing there.
//
// A day is a session when the exchange traded at all, however short; half days
// are sessions. Each exchange's file names its sources.
//
// The package holds no prices, no early closes and no clearing days.
package exchange
