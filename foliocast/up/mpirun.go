package up

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// lineage returns the name that all worlds of a state directory share. A world
// starts only when no process of its predecessor is left, so it may take over the
// predecessor's leases at once.
func lineage(state string) (string, error) {
	word, _, err := keptWord(filepath.Join(state, "lineage"))
	return "up-" + word, err
}

// calculation is the MPI world, run by mpirun.
func (c *Cluster) calculation(known accounts, lineage string) part {
	var ready readyFile
	return part{
		name: "mpicalc",
		command: func() (*exec.Cmd, error) {
			if err := fresh(c.config.State); err != nil {
				return nil, err
			}
			cmd := exec.Command(c.programs.mpirun, mpirunArgs(c.config.NP, segments(c.config.State), c.programs.mpicalc)...)
			cmd.Dir = c.config.State
			cmd.Env = append(c.environment(),
				"TMPDIR="+temporary(c.config.State),
				"FOLIOCAST_DATA_DIR="+c.dataDir(),
				"FOLIOCAST_CACHE_DIR="+filepath.Join(c.config.State, "cache"),
				"FOLIOCAST_AUTH_URL="+c.url(c.config.Ports.Auth),
				"FOLIOCAST_QUEUE_URL="+c.url(c.config.Ports.Queue),
				"FOLIOCAST_FRONTEND_URL="+c.url(c.config.Ports.Frontend),
				"FOLIOCAST_LINEAGE="+lineage,
				"FOLIOCAST_READY_FILE="+ready.next(temporary(c.config.State)),
				"FOLIOCAST_CLIENT_ID="+known["mpicalc"].ID,
				"FOLIOCAST_CLIENT_SECRET="+known["mpicalc"].Secret)
			cmd.Env = append(cmd.Env, c.secured.settings()...)
			if os.Geteuid() == 0 {
				cmd.Env = append(cmd.Env, "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
			}
			return cmd, nil
		},
		ready: ready.written,
		alive: ready.beating,
		// SIGTERM leaves the ranks one second. SIGUSR1 reaches each of them,
		// and they finish their work; but mpirun drops a signal that comes
		// before it has ranks.
		stop: []step{
			{syscall.SIGUSR1, 2 * time.Second},
			{syscall.SIGUSR1, 20 * time.Second},
			{syscall.SIGTERM, 5 * time.Second},
		},
		// Linux sends it once for each of our threads that ends, and after a
		// second SIGTERM mpirun abandons its ranks.
		orphaned: syscall.SIGUSR1,
	}
}

// grace is how long the ranks may finish their work when they are stopped. It is
// well within the patience of the calculation's stop: a job whose world is killed
// has used up an attempt, and a job that is returned has not.
const grace = 15 * time.Second

// mpirunArgs are the arguments of mpirun for a world of np ranks on this
// machine alone: ranks are not bound to cores, may outnumber them, and
// communicate through shared memory with segments in the directory.
func mpirunArgs(np int, segments, mpicalc string) []string {
	return []string{
		"-np", strconv.Itoa(np), "--bind-to", "none", "--oversubscribe",
		"--mca", "oob_tcp_if_include", "lo",
		"--mca", "btl", "self,vader",
		"--mca", "btl_vader_backing_directory", segments,
		mpicalc, "serve", "--grace", grace.String(),
	}
}

// segments returns the directory in shared memory for the worlds of a state
// directory. A world that is killed leaves its segments there.
func segments(state string) string {
	sum := sha256.Sum256([]byte(state))
	return filepath.Join("/dev/shm", "foliocast-"+hex.EncodeToString(sum[:8]))
}

// temporary returns the directory for mpirun's temporary files.
func temporary(state string) string { return filepath.Join(state, "tmp") }

// fresh creates empty directories for a world's segments and temporary files.
func fresh(state string) error {
	clean(state)
	// If the directory still exists, it is another user's.
	if err := os.Mkdir(segments(state), 0o700); err != nil {
		return err
	}
	return os.Mkdir(temporary(state), 0o700)
}

// clean removes what a world leaves behind. No world may be running.
func clean(state string) {
	_ = os.RemoveAll(segments(state))
	_ = os.RemoveAll(temporary(state))
}

// clean removes what the world left behind.
func (c *Cluster) clean() { clean(c.config.State) }
