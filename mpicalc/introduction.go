package main

import (
	"encoding/json"
	"fmt"

	"foliocast/internal/cli"
	"foliocast/mpicalc/mpi"
)

// introduction is what each rank tells rank 0 of itself, before anything else that two versions of the program might say in
// different ways.
type introduction struct {
	Version   string    `json:"version"`
	Placement placement `json:"placement"` // without ranks where this is not the first rank of its node
}

// gatherIntroductions returns those of all ranks at rank 0, and nil at the others. All ranks must call it.
func gatherIntroductions(comm *mpi.Comm, own introduction) ([]introduction, error) {
	text, err := json.Marshal(own)
	if err != nil {
		return nil, err
	}
	sizes := make([]int64, comm.Size())
	if err := mpi.Gather(comm, []int64{int64(len(text))}, sizes, 0); err != nil {
		return nil, err
	}
	if comm.Rank() != 0 {
		return nil, mpi.Gatherv(comm, text, nil, nil, 0)
	}
	counts, total := make([]int, len(sizes)), 0
	for r, n := range sizes {
		counts[r] = int(n)
		total += counts[r]
	}
	texts := make([]byte, total)
	if err := mpi.Gatherv(comm, text, texts, counts, 0); err != nil {
		return nil, err
	}
	all := make([]introduction, len(counts))
	for r, n := range counts {
		if err := json.Unmarshal(texts[:n], &all[r]); err != nil {
			return nil, fmt.Errorf("read what rank %d says of itself: %w", r, err)
		}
		texts = texts[n:]
	}
	return all, nil
}

// strangerAmong is a sentence about the first rank that runs another version of the program than rank 0, or empty.
func strangerAmong(all []introduction) string {
	for r, other := range all {
		if own := all[0].Version; own != other.Version && !cli.Development(own) && !cli.Development(other.Version) {
			return fmt.Sprintf("rank %d on %s runs mpicalc %s, and rank 0 on %s runs %s: install the same version on all nodes",
				r, other.Placement.Host, other.Version, all[0].Placement.Host, own)
		}
	}
	return ""
}
