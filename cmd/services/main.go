// Command services is the four programs without MPI in one, for images: it is the program under
// whose name it is called. What they share is there once, so it has the size of the largest.
package main

import (
	"os"
	"path/filepath"

	"foliocast/authsvc"
	"foliocast/foliocast"
	"foliocast/frontend"
	"foliocast/queue"
)

func main() { os.Exit(program(filepath.Base(os.Args[0]))()) }

// program returns the program of a name.
func program(name string) func() int {
	switch name {
	case "authsvc":
		return authsvc.Main
	case "frontend":
		return frontend.Main
	case "queue":
		return queue.Main
	default:
		return foliocast.Main
	}
}
