package mpi_test

import (
	"fmt"

	"foliocast/mpicalc/mpi"
)

func ExampleBcast() {
	world := process.World() // in a program: the argument of Main's function

	greeting := make([]byte, 5)
	if world.Rank() == 0 {
		copy(greeting, "hello")
	}
	if err := mpi.Bcast(world, greeting, 0); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(greeting))
	// Output: hello
}

func ExampleAllreduce() {
	world := process.World()

	count := make([]int32, 1)
	if err := mpi.Allreduce(world, []int32{1}, count, mpi.OpSum); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(int(count[0]) == world.Size())
	// Output: true
}
