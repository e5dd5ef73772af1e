package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"foliocast/mpicalc/mpi/mpitest"
)

func TestMain(m *testing.M) { mpitest.Main(m, main) }

func TestPrograms(t *testing.T) {
	for n := 1; n <= 4; n++ {
		all := 1000 * n
		want := fmt.Sprintf("the ranks 0 to %d add up to %d\n", n-1, n*(n-1)/2) +
			fmt.Sprintf("a plate of %d points is within 1e-6 of x + 2y: true\n", 16*n) +
			fmt.Sprintf("the dot product of %d elements is %d\n", all, all*(all-1))
		out := mpitest.Run(t, n, "ring", "halo", "dot")
		if out.Code != 0 || out.Stdout != want {
			t.Errorf("on %d ranks: exit code %d, got %q, want %q\n%s", n, out.Code, out.Stdout, want, out.Stderr)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	mpitest.Refuses(t, 2, "usage", "ring", "x")
}

// The README shows the programs as they are.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ring", "halo", "dot"} {
		source, err := os.ReadFile(name + ".go")
		if err != nil {
			t.Fatal(err)
		}
		_, program, _ := strings.Cut(string(source), ")\n\n") // behind the imports
		if !strings.Contains(string(readme), "```go\n"+program+"```\n") {
			t.Errorf("README.md does not show the program of %s.go", name)
		}
	}
}
