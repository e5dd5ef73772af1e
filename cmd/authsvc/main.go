// Command authsvc is the identity service of Foliocast: it manages the users and the service accounts. See authsvc --help.
package main

import (
	"os"

	"foliocast/authsvc"
)

func main() { os.Exit(authsvc.Main()) }
