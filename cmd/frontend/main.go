// Command frontend is the data service: the thin public API for datasets, jobs and results. See frontend --help.
package main

import (
	"os"

	"foliocast/frontend"
)

func main() { os.Exit(frontend.Main()) }
