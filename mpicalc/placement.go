package main

import (
	"log/slog"
	"slices"

	"foliocast/mpicalc/mpi"
)

// placement is where the ranks of one node run, for the log. In lists there is an element for each rank.
type placement struct {
	Host  string   `json:"host"`
	Nodes int      `json:"nodes"`      // how many look like this one
	CPUs  []string `json:"cpus"`       // on which a rank may run, as the kernel writes them
	Count []int    `json:"threads"`    // that fit
	NUMA  []int    `json:"numa_nodes"` // over which a rank's CPUs are spread
}

// place finds out how many threads this rank has, and how many those of its node are for each CPU, rounded up. All
// ranks must call it.
func place(world *mpi.Comm, limit int) (threads, crowd int, here placement, err error) {
	node, err := world.SplitShared()
	if err != nil {
		return 0, 0, here, err
	}
	own, err := ownCPUs()
	if err != nil { // the others wait for this rank's part
		slog.Warn("cannot tell on which CPUs this rank may run: it fits with one thread", "err", err)
	}
	ranks, err := exchange(node, own, limit)
	if err != nil {
		return 0, 0, here, err
	}
	all := threadsOf(ranks)
	sum := 0
	for _, threads := range all {
		sum += threads
	}
	if node.Rank() == 0 {
		here.Nodes, here.Count = 1, all
		for _, r := range ranks {
			here.CPUs = append(here.CPUs, listOfCPUs(r.cpus))
			here.NUMA = append(here.NUMA, numaNodes(r.cpus))
		}
	}
	cpus := max(len(cpusOf(ranks)), 1)
	return all[node.Rank()], (sum + cpus - 1) / cpus, here, node.Free()
}

// exchange tells the ranks of a node what each of them may use. All must call it.
func exchange(node *mpi.Comm, cpus []int, limit int) ([]allowance, error) {
	sizes := make([]int64, 2*node.Size())
	if err := mpi.Allgather(node, []int64{int64(len(cpus)), int64(limit)}, sizes); err != nil {
		return nil, err
	}
	counts, total := make([]int, node.Size()), 0
	for r := range counts {
		counts[r] = int(sizes[2*r])
		total += counts[r]
	}
	mine, all := make([]int64, len(cpus)), make([]int64, total)
	for i, cpu := range cpus {
		mine[i] = int64(cpu)
	}
	if err := mpi.Allgatherv(node, mine, all, counts); err != nil {
		return nil, err
	}
	ranks := make([]allowance, node.Size())
	for r, n := range counts {
		ranks[r].limit = int(sizes[2*r+1])
		for _, cpu := range all[:n] {
			ranks[r].cpus = append(ranks[r].cpus, int(cpu))
		}
		all = all[n:]
	}
	return ranks, nil
}

// placementsOf are the placements of the nodes. Nodes that look the same are one, under the name of the first.
func placementsOf(all []introduction) (nodes []placement) {
	for _, rank := range all {
		if rank.Placement.Nodes > 0 {
			nodes = addPlacement(nodes, rank.Placement)
		}
	}
	return nodes
}

func addPlacement(all []placement, p placement) []placement {
	same := slices.IndexFunc(all, func(q placement) bool {
		return slices.Equal(q.CPUs, p.CPUs) && slices.Equal(q.Count, p.Count) && slices.Equal(q.NUMA, p.NUMA)
	})
	if same >= 0 {
		all[same].Nodes++
		return all
	}
	return append(all, p)
}
