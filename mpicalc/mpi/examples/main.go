// Examples are the programs of the binding's README: a ring, a halo exchange and a dot product.
//
//	mpirun -np 4 examples ring halo dot
package main

import (
	"fmt"
	"os"

	"foliocast/mpicalc/mpi"
)

func main() {
	all := map[string]func(world *mpi.Comm) error{"ring": ring, "halo": halo, "dot": dot}
	for _, name := range os.Args[1:] {
		if all[name] == nil {
			fmt.Fprintln(os.Stderr, "examples: usage: mpirun -np N examples [ring] [halo] [dot]")
			os.Exit(2)
		}
	}
	err := mpi.Main(func(world *mpi.Comm) error {
		for _, name := range os.Args[1:] {
			if err := all[name](world); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "examples:", err)
		os.Exit(1)
	}
}
