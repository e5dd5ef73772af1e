// Site writes the documentation as a folder of HTML pages, which need no server and no network:
//
//	go run -C tools/site . -bin ../../bin ../.. ../../bin/site
//
// docs/README.md lists the pages. Every Markdown file that they link to is a page, too; other files are
// copied. The manual pages come from the programs themselves. A link that leads nowhere, and a page of docs
// that docs/README.md does not list, are errors.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	bin := flag.String("bin", "", "folder of the programs whose manual pages belong to the site; without it the site has no manual pages")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: site [-bin DIR] REPOSITORY TARGET")
		os.Exit(2)
	}
	s := site{root: flag.Arg(0), target: flag.Arg(1)}
	err := s.read()
	if err == nil && *bin != "" {
		err = s.manuals(*bin)
	}
	if err == nil {
		err = s.write()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%d pages: open %s\n", len(s.pages), s.index())
}
