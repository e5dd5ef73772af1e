package up

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// Cluster is every part of Foliocast, running. Stop ends it.
type Cluster struct {
	config   Config
	programs programs
	lock     *flock.Flock
	ledger   ledger
	secured  *secured // nil without TLS
	probes   probes
	sockets  map[string]*os.File // on which the services listen
	keepers  []*keeper           // in the order of their start
	logs     followed
	unfollow chan struct{}      // closed once nothing writes to the logs
	follows  sync.WaitGroup     // those who follow them
	tending  context.CancelFunc // of the certificate; nil without TLS
	saying   sync.Mutex
	stop     sync.Once
}

// Start starts every part in order and returns when all of them answer. When
// one does not, it stops what it started, and the error says which part, why,
// and the last lines of its log. Only one supervisor can work in a state
// directory: for a second one the error is a *Running. ctx bounds the start
// only.
func Start(ctx context.Context, config Config) (*Cluster, error) {
	config, err := config.completed()
	if err != nil {
		return nil, err
	}
	c := &Cluster{config: config, logs: followed{to: config.Logs}, unfollow: make(chan struct{})}
	if c.programs, err = findPrograms(config.Programs, config.NP); err != nil {
		return nil, err
	}
	if err := c.programs.checkVersions(ctx, config.Version); err != nil {
		return nil, err
	}
	if err := MakeState(config.State); err != nil {
		return nil, err
	}
	if c.lock, err = lockState(config.State); err != nil {
		return nil, err
	}
	removeLeftovers(config.State)
	c.ledger = ledger{state: config.State, run: Run{Supervisor: os.Getpid(), StartedAt: time.Now().UTC(), NP: config.NP}}
	if err := c.start(ctx); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

// OnDatabase starts the private PostgreSQL server of a state directory and nothing else, calls do with the addresses of the
// databases, and stops the server. While Foliocast runs in the directory, the error is a *Running.
func OnDatabase(ctx context.Context, config Config, do func(Databases) error) error {
	config, err := config.completed()
	if err != nil {
		return err
	}
	c := &Cluster{config: config, logs: followed{to: config.Logs}, unfollow: make(chan struct{})}
	if err := MakeState(config.State); err != nil {
		return err
	}
	if c.lock, err = lockState(config.State); err != nil {
		return err
	}
	defer c.Stop()
	removeLeftovers(config.State)
	c.ledger = ledger{state: config.State, run: Run{Supervisor: os.Getpid(), StartedAt: time.Now().UTC()}}
	databases, err := c.startDatabase(ctx)
	if err != nil {
		return err
	}
	return do(databases)
}

// RunningDatabases returns the addresses of the databases on the private server of a state directory in which Foliocast runs, for the
// superuser, and false where none runs.
func RunningDatabases(state string) (Databases, bool, error) {
	run, err := ReadRun(state)
	if errors.Is(err, fs.ErrNotExist) {
		return Databases{}, false, nil
	}
	if err != nil {
		return Databases{}, false, err
	}
	u, err := url.Parse(run.URL("postgres"))
	if err != nil || u.Host == "" {
		return Databases{}, false, nil // on an existing server
	}
	word, err := os.ReadFile(filepath.Join(state, "postgres.password"))
	if err != nil {
		return Databases{}, false, fmt.Errorf("read the password of the database: %w", err)
	}
	u.User, u.RawQuery = url.UserPassword("foliocast", strings.TrimSpace(string(word))), "sslmode=disable"
	address := u.String()
	return Databases{Auth: address, Queue: address, Frontend: address}, true, nil
}

func (c *Cluster) start(ctx context.Context) error {
	if sweep(ctx, c.config.State) {
		c.say("stopped what an earlier foliocast up had left running")
	}
	var err error
	if c.sockets, err = c.config.Ports.listen(c.config.Listen); err != nil {
		return err
	}
	if err := c.secure(); err != nil {
		return err
	}
	databases, err := c.startDatabase(ctx)
	if err != nil {
		return err
	}
	accounts, err := c.addAccounts(ctx, databases.Auth)
	if err != nil {
		return err
	}
	if err := c.keepWorkerAccount(ctx, databases.Auth); err != nil {
		return err
	}
	for _, p := range c.services(databases, accounts) {
		if err := c.startPart(ctx, p); err != nil {
			return err
		}
	}
	if err := c.mendAdmin(ctx, databases.Auth); err != nil {
		return err
	}
	if c.config.NP == 0 {
		return nil
	}
	ancestors, err := lineage(c.config.State)
	if err != nil {
		return err
	}
	return c.startPart(ctx, c.calculation(accounts, ancestors))
}

// secure gets the services a certificate, where other machines reach them.
func (c *Cluster) secure() (err error) {
	if c.config.secure() {
		if c.secured, err = c.openSecured(); err != nil {
			return err
		}
		c.ledger.run.CAFile = c.secured.caFile()
		tending, end := context.WithCancel(context.Background())
		c.tending = end
		go c.secured.tend(tending, c.say)
	}
	c.probes = newProbes(c.secured.trust())
	return nil
}

// startPart starts a part and waits until it is ready.
func (c *Cluster) startPart(ctx context.Context, p part) error {
	log, err := openLog(filepath.Join(c.config.State, "log", p.name+".log"), maxLog)
	if err != nil {
		return err
	}
	k := &keeper{
		part: p, restarts: newRestarts(), log: log, hang: c.config.Hang,
		mark: mark(c.config.State, p.name), say: c.say,
		started: func(pid, restarts int) error {
			return c.ledger.note(Part{Name: p.name, PID: pid, URL: p.url, Restarts: restarts, Log: log.path})
		},
	}
	if c.config.Logs != nil {
		c.follows.Go(func() { c.logs.follow(log, c.unfollow) })
	}
	began := time.Now()
	k.keep()
	c.keepers = append(c.keepers, k)
	if err := k.await(ctx, readyTime); err != nil {
		return err
	}
	c.say("%s answers after %.1f s", p.title(), time.Since(began).Seconds())
	return nil
}

// say passes a sentence on to Config.Say, one at a time.
func (c *Cluster) say(format string, args ...any) {
	c.saying.Lock()
	defer c.saying.Unlock()
	c.config.Say(fmt.Sprintf(format, args...))
}

// Stop ends every part, the calculation first and the database last, and
// returns once all processes have ended. It is safe to call it twice.
func (c *Cluster) Stop() {
	c.stop.Do(func() {
		if c.tending != nil {
			c.tending()
		}
		for _, k := range slices.Backward(c.keepers) {
			c.sockets[k.name].Close() // new callers are refused once the service is gone; nil for other parts
			k.end()
		}
		close(c.unfollow)
		c.follows.Wait()
		for _, k := range c.keepers {
			k.log.close()
		}
		for _, socket := range c.sockets {
			socket.Close() // of those that were not started
		}
		c.clean()
		if err := removeRun(c.config.State); err != nil {
			c.say("%v", err)
		}
		c.lock.Close()
	})
}

// Run returns what runs now.
func (c *Cluster) Run() Run { return c.ledger.current() }
