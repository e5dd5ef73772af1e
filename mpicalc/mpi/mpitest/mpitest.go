// Package mpitest lets the test binary of a small MPI program run as the program
// itself, so that tests can start it on several ranks without building the program.
// It does not know MPI.
package mpitest

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// asProgram is the environment variable that makes the test binary run the program.
const asProgram = "FOLIOCAST_TEST_RANK"

// hang bounds one run of the program; a longer one is killed and fails the test.
const hang = 2 * time.Minute

// Main is the TestMain of a package whose main function is program.
func Main(m *testing.M, program func()) {
	if os.Getenv(asProgram) != "" {
		program()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Outcome is the result of one run of the program.
type Outcome struct {
	Code           int // exit code of mpirun, or of the program without it
	Stdout, Stderr string
}

// Run runs the program on the given number of ranks on this machine, or without
// mpirun when ranks is 0, and waits for its end.
func Run(t *testing.T, ranks int, args ...string) Outcome {
	t.Helper()
	args = append([]string{os.Args[0]}, args...)
	if ranks > 0 {
		args = append(Mpirun(ranks), args...)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(Environ(), asProgram+"=1")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err := cmd.Run()
	if cmd.ProcessState == nil || ctx.Err() != nil {
		t.Fatalf("%v: %v\n%s", args, err, log.String())
	}
	return Outcome{cmd.ProcessState.ExitCode(), out.String(), log.String()}
}

// Environ is the environment for a new world, without the variables that would make it
// part of an outer one.
func Environ() []string {
	env := os.Environ()
	env = slices.DeleteFunc(env, func(v string) bool {
		return strings.HasPrefix(v, "OMPI_") || strings.HasPrefix(v, "PMIX_") || strings.HasPrefix(v, "PMI_")
	})
	return append(env, "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
}

// Refuses checks that the program, run without mpirun, exits with the code and
// prints the sentence on stderr.
func Refuses(t *testing.T, code int, sentence string, args ...string) {
	t.Helper()
	out := Run(t, 0, args...)
	if out.Code != code || !strings.Contains(out.Stderr, sentence) {
		t.Errorf("%v: exit code %d, want %d with %q:\n%s", args, out.Code, code, sentence, out.Stderr)
	}
}
