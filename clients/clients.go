// Package clients has the clients of the data service for other languages, which the service hands out.
package clients

import _ "embed"

// Python is the client in Python, a module of the standard library alone.
//
//go:embed python/foliocast.py
var Python []byte

// R is the client in R, which needs the packages curl and jsonlite.
//
//go:embed r/foliocast.R
var R []byte
