package main

import (
	"cmp"
	"slices"
)

// allowance is what a rank may use of its node.
type allowance struct {
	cpus []int // on which it may run, ascending
	// limit is how many it may use at a time: fewer than these under the quota of a control group, or by GOMAXPROCS.
	limit int
}

// threadsOf is how many threads each rank of a node has for fitting: the CPUs that it gets when each is given to one of the ranks
// that may run on it, so evenly that none could be passed on to a rank that has two fewer. So a rank has all CPUs that are its own,
// and ranks with the same CPUs divide them. A limit is divided among the ranks that share a CPU with its rank, since a quota holds
// for all of them. Every rank has at least one thread.
func threadsOf(ranks []allowance) []int {
	cpus := cpusOf(ranks)
	threads := divide(cpus, len(ranks))
	for r, own := range ranks {
		if own.limit < len(own.cpus) {
			threads[r] = min(threads[r], own.limit/sharers(cpus, r))
		}
		threads[r] = max(threads[r], 1)
	}
	return threads
}

// cpusOf lists the ranks that may run on each CPU.
func cpusOf(ranks []allowance) (users [][]int) {
	places := make(map[int]int)
	for r, own := range ranks {
		for _, cpu := range own.cpus {
			place, known := places[cpu]
			if !known {
				place = len(users)
				places[cpu] = place
				users = append(users, nil)
			}
			users[place] = append(users[place], r)
		}
	}
	return users
}

// divide counts the CPUs that each rank gets.
func divide(cpus [][]int, ranks int) []int {
	count, owner := make([]int, ranks), make([]int, len(cpus))
	for i, users := range cpus {
		owner[i] = users[0]
		count[owner[i]]++
	}
	for passed := true; passed; {
		passed = false
		for i, users := range cpus {
			least := slices.MinFunc(users, func(a, b int) int { return cmp.Compare(count[a], count[b]) })
			if count[owner[i]]-count[least] < 2 {
				continue
			}
			count[owner[i]]--
			count[least]++
			owner[i], passed = least, true
		}
	}
	return count
}

// sharers counts the ranks that share a CPU with rank r, and r itself.
func sharers(cpus [][]int, r int) int {
	all := map[int]bool{r: true}
	for _, users := range cpus {
		if slices.Contains(users, r) {
			for _, user := range users {
				all[user] = true
			}
		}
	}
	return len(all)
}
