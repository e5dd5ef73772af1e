package up

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
)

// programs holds the absolute paths of the programs to start.
type programs struct {
	authsvc, queue, frontend, mpicalc, mpirun string
}

// findPrograms looks for the built programs in dir, and for mpirun on PATH. Without
// ranks it needs neither mpirun nor mpicalc. It does not look for the built programs
// on PATH: Debian's libgcrypt has another mpicalc. The error names everything that
// is missing.
func findPrograms(dir string, ranks int) (programs, error) {
	var p programs
	var missing []error
	find := func(name string, path *string) {
		found, err := exec.LookPath(filepath.Join(dir, name))
		if err != nil {
			missing = append(missing, fmt.Errorf("the program %s is not in %s: run make build", name, dir))
		}
		*path = found
	}
	find("authsvc", &p.authsvc)
	find("queue", &p.queue)
	find("frontend", &p.frontend)
	if ranks == 0 {
		return p, errors.Join(missing...)
	}
	find("mpicalc", &p.mpicalc)
	var err error
	if p.mpirun, err = exec.LookPath("mpirun"); err != nil {
		missing = append(missing, errors.New("mpirun is not on PATH: install Open MPI, or run make setup"))
	}
	return p, errors.Join(missing...)
}
