package spmd_test

import (
	"errors"
	"testing"
	"time"

	"foliocast/mpicalc/spmd"
)

func TestALocalWorldRefusesLengthsThatDiffer(t *testing.T) {
	t.Parallel()
	err := spmd.Local(2, func(comm spmd.Comm) error {
		if comm.Rank() == 0 {
			_, err := comm.Isend(make([]byte, 3), 1)
			return err
		}
		for {
			from, size, found, err := comm.Iprobe()
			if found || err != nil {
				_, failed := comm.Irecv(make([]byte, size+1), from)
				return errors.Join(err, failed)
			}
			if err := comm.Await(nil, time.Second); err != nil {
				return err
			}
		}
	})
	if err == nil {
		t.Error("a message of 3 bytes was received as one of 4")
	}
}

func TestAFailedRankEndsALocalWorld(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	err := spmd.Local(3, func(comm spmd.Comm) error {
		if comm.Rank() == 1 {
			return broken
		}
		for {
			if err := comm.Await(nil, time.Second); err != nil {
				return err
			}
		}
	})
	if !errors.Is(err, broken) || !errors.Is(err, spmd.ErrWorldEnded) {
		t.Errorf("got %v, want the failure and the end of the others", err)
	}
}
