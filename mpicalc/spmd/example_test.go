package spmd_test

import (
	"errors"
	"fmt"

	"foliocast/mpicalc/forecast"
	"foliocast/mpicalc/spmd"
)

// lines are two series to continue by one step.
type lines struct{}

func (lines) Len() int { return 2 }

func (lines) Series(i int) spmd.Series {
	values := [][]float64{{1, 2, 3, 4}, {10, 8, 6, 4}}
	return spmd.Series{Series: forecast.Series{Values: values[i]}, Options: &forecast.Options{Model: "trend", Horizon: 1}}
}

func (lines) Take(i int, r *forecast.Result, err error) error {
	fmt.Printf("series %d goes on with %.0f\n", i, r.Mean[0])
	return err
}

func ExampleLeader_Run() {
	err := spmd.Local(3, func(comm spmd.Comm) error {
		if comm.Rank() != 0 {
			return spmd.Follow(comm, spmd.Config{})
		}
		leader, err := spmd.Lead(comm, spmd.Config{})
		if err != nil {
			return err
		}
		_, err = leader.Run(lines{})
		return errors.Join(err, leader.Stop())
	})
	fmt.Println(err)
	// Output:
	// series 0 goes on with 5
	// series 1 goes on with 2
	// <nil>
}
