// Command foliocast is the program a person types. See foliocast --help.
package main

import (
	"os"

	"foliocast/foliocast"
)

func main() { os.Exit(foliocast.Main()) }
