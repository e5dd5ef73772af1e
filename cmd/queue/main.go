// Command queue is the message service: the only owner of work in flight. See queue --help.
package main

import (
	"os"

	"foliocast/queue"
)

func main() { os.Exit(queue.Main()) }
