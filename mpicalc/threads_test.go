package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func cpusFrom(first, n int) (cpus []int) {
	for i := range n {
		cpus = append(cpus, first+i)
	}
	return cpus
}

// unlimited are ranks with the given CPUs.
func unlimited(masks ...[]int) (ranks []allowance) {
	for _, cpus := range masks {
		ranks = append(ranks, allowance{cpus: cpus, limit: len(cpus)})
	}
	return ranks
}

func TestThreadsOf(t *testing.T) {
	t.Parallel()
	var bound [][]int // as srun -n16 -c8 binds
	for r := range 16 {
		bound = append(bound, cpusFrom(8*r, 8))
	}
	quota := unlimited(cpusFrom(0, 64), cpusFrom(0, 64))
	quota[0].limit, quota[1].limit = 6, 6
	own := unlimited(cpusFrom(0, 8), cpusFrom(8, 8))
	own[0].limit = 3
	for name, c := range map[string]struct {
		ranks []allowance
		want  []int
	}{
		"alone":                   {unlimited(cpusFrom(0, 8)), []int{8}},
		"each its own":            {unlimited(bound...), slices.Repeat([]int{8}, 16)},
		"all the same":            {unlimited(slices.Repeat([][]int{cpusFrom(0, 8)}, 4)...), []int{2, 2, 2, 2}},
		"more ranks than CPUs":    {unlimited(slices.Repeat([][]int{cpusFrom(0, 2)}, 5)...), []int{1, 1, 1, 1, 1}},
		"a pair on each socket":   {unlimited(cpusFrom(0, 8), cpusFrom(0, 8), cpusFrom(8, 8), cpusFrom(8, 8)), []int{4, 4, 4, 4}},
		"one within the other":    {unlimited(cpusFrom(0, 8), cpusFrom(0, 2)), []int{6, 2}},
		"half in common":          {unlimited(cpusFrom(0, 8), cpusFrom(4, 8)), []int{6, 6}},
		"a quota for both":        {quota, []int{3, 3}},
		"a limit of one":          {own, []int{3, 8}},
		"a rank that cannot tell": {unlimited(nil, cpusFrom(0, 2)), []int{1, 2}},
	} {
		if diff := cmp.Diff(threadsOf(c.ranks), c.want); diff != "" {
			t.Errorf("%s (-got +want)\n%s", name, diff)
		}
	}
}

func TestThreadsArePropertiesOfTheMasks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		mask := rapid.Custom(func(t *rapid.T) []int {
			cpus := rapid.SliceOfNDistinct(rapid.IntRange(0, 15), 1, 16, rapid.ID[int]).Draw(t, "cpus")
			slices.Sort(cpus)
			return cpus
		})
		masks := rapid.SliceOfN(mask, 1, 8).Draw(t, "masks")
		threads := threadsOf(unlimited(masks...))
		users := make(map[int]int)
		for _, cpus := range masks {
			for _, cpu := range cpus {
				users[cpu]++
			}
		}
		busy := 0 // threads beyond the one that every rank has
		for r, cpus := range masks {
			own := 0
			for _, cpu := range cpus {
				if users[cpu] == 1 {
					own++
				}
			}
			if threads[r] < max(own, 1) || threads[r] > len(cpus) {
				t.Fatalf("rank %d has %d threads on %d CPUs, of which %d are its own", r, threads[r], len(cpus), own)
			}
			busy += threads[r]
		}
		if busy < len(users) || busy > max(len(users), len(users)+len(masks)-1) {
			t.Fatalf("%d threads on %d CPUs", busy, len(users))
		}
		for a := range masks {
			for b := range masks {
				if slices.Equal(masks[a], masks[b]) && threads[a]-threads[b] > 1 {
					t.Fatalf("ranks %d and %d have the same CPUs, and %d and %d threads", a, b, threads[a], threads[b])
				}
			}
		}
	})
}

func TestListsOfCPUs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int{"0-3,8,10-11\n": {0, 1, 2, 3, 8, 10, 11}, "5": {5}, "\n": nil, "2,0-1,1": {0, 1, 2}} {
		got, err := parseCPUs(text)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"x", "1-", "3-1", "-1", "0-99999999", "1,,x"} {
		if got, err := parseCPUs(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		cpus := rapid.SliceOfDistinct(rapid.IntRange(0, 300), rapid.ID[int]).Draw(t, "cpus")
		slices.Sort(cpus)
		if back, err := parseCPUs(listOfCPUs(cpus)); err != nil || !slices.Equal(back, cpus) {
			t.Fatalf("%v became %q and %v: %v", cpus, listOfCPUs(cpus), back, err)
		}
	})
}

// Each rank has the CPUs to which its launcher has bound it, whatever the others have.
func TestThreadsFollowTheBinding(t *testing.T) {
	t.Parallel()
	cpus, err := ownCPUs()
	if err != nil {
		t.Fatal(err)
	}
	input, first := write(t, "in.csv", "step,A\n1,5\n2,6\n3,7\n"), fmt.Sprint(cpus[0])
	run := []string{program, "run", "--input", input, "--model", "naive"}
	bound := append([]string{"taskset", "-c", first}, run...)
	command := append([]string{"mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-np", "1"}, run...)
	command = append(append(command, ":", "-np", "1"), bound...)
	out := outcomeOf(t, command)
	rest := max(len(cpus)-1, 1)
	want := fmt.Sprintf(`"cpus":["%s","%s"],"threads":[%d,1]`, listOfCPUs(cpus), first, rest)
	if out.code != 0 || !strings.Contains(out.stderr, want) {
		t.Errorf("code %d, want %s in\n%s", out.code, want, out.stderr)
	}
	if _, err := os.Stat("/sys/devices/system/node/node0"); err == nil && !strings.Contains(out.stderr, `,1]}]`) {
		t.Errorf("one CPU is not on one NUMA node:\n%s", out.stderr)
	}
}
