// Package data holds the input of the demonstration. README.md has its sources.
package data

import _ "embed"

//go:embed eustockmarkets.csv
var indices []byte

//go:embed unemployed.csv
var unemployed []byte

// Indices are daily closes of four European stock indices, as a wide CSV file.
func Indices() []byte { return indices }

// Unemployed are the unemployed persons of five industries of the United States by month, as a wide CSV file.
func Unemployed() []byte { return unemployed }
