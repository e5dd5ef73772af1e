package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// cluster is a whole Foliocast under foliocast up, and a signed-in client.
type cluster struct {
	state       string
	environment []string                                    // settings of foliocast up, in addition to those of the test
	program     func(name string, args ...string) *exec.Cmd // how programs are started
	http        *http.Client                                // how services are called
	sent        []job.ID                                    // by submit
	run         runFile
	token       string
}

// runFile is what run.json says.
type runFile struct {
	Supervisor int       `json:"supervisor"`
	NP         int       `json:"np"`
	Parts      []runPart `json:"parts"`
}

type runPart struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`
	URL  string `json:"url"`

	Restarts int `json:"restarts"`
}

func (r runFile) pid(t testing.TB, name string) int {
	t.Helper()
	for _, p := range r.Parts {
		if p.Name == name {
			return p.PID
		}
	}
	t.Fatalf("run.json has no %s", name)
	return 0
}

func (r runFile) url(name string) string {
	for _, p := range r.Parts {
		if p.Name == name {
			return p.URL
		}
	}
	return ""
}

// program is the path of a built program.
func program(t testing.TB, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../../bin", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run make build first", err)
	}
	return path
}

// openMPI is the environment in which Open MPI agrees to run as root.
func openMPI() []string {
	return []string{"OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1"}
}

// startCluster runs foliocast up on free ports in a state directory of the
// test's own, with the given settings, and stops it when the test ends.
func startCluster(t testing.TB, np int, settings ...string) *cluster {
	t.Helper()
	return startClusterOn(t, np, exec.Command, plainClient, settings...)
}

// plainClient does not ask for results that are packed, which take longer on one machine.
var plainClient = func() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	return &http.Client{Transport: transport}
}()

// startClusterOn is startCluster on another host, where program starts commands
// and which client reaches.
func startClusterOn(t testing.TB, np int, program func(string, ...string) *exec.Cmd, client *http.Client, settings ...string) *cluster {
	t.Helper()
	c := &cluster{state: filepath.Join(t.TempDir(), "state"), environment: settings, program: program, http: client}
	c.start(t, "--np", strconv.Itoa(np))
	return c
}

// start runs foliocast up with flags, stops it when the test ends, and signs in.
func (c *cluster) start(t testing.TB, flags ...string) {
	t.Helper()
	base := strconv.Itoa(freePorts(t, 3)[0])
	c.foliocast(t, append([]string{"up", "--port-base", base, "--detach"}, flags...)...)
	t.Cleanup(func() {
		pids := c.processes(t)
		c.foliocast(t, "down")
		for _, pid := range pids {
			await(t, time.Minute, fmt.Sprintf("the end of process %d", pid), func() (bool, string) {
				return !alive(pid), "still there"
			})
		}
		if t.Failed() {
			c.showLogs(t)
		}
	})
	c.reload(t)
	c.token = c.signIn(t, c.admin(t))
}

// foliocast runs the client program against this cluster and returns what it
// printed; it must succeed.
func (c *cluster) foliocast(t testing.TB, args ...string) string {
	t.Helper()
	return c.foliocastWith(t, "", args...)
}

// foliocastWith is foliocast with text on its standard input.
func (c *cluster) foliocastWith(t testing.TB, input string, args ...string) string {
	t.Helper()
	out, errText, code := c.tryWith(t, input, args...)
	if code != 0 {
		t.Fatalf("foliocast %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errText)
	}
	return out
}

// try is foliocast for a command that may fail.
func (c *cluster) try(t testing.TB, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return c.tryWith(t, "", args...)
}

func (c *cluster) tryWith(t testing.TB, input string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := c.program(program(t, "foliocast"), append([]string{"--state", c.state}, args...)...)
	cmd.Env = append(append(os.Environ(), "FOLIOCAST_METRICS_TOKEN="+metricsToken, "XDG_CONFIG_HOME="+filepath.Join(filepath.Dir(c.state), "config")), c.environment...)
	var out, errText bytes.Buffer
	cmd.Stdin = strings.NewReader(input)
	cmd.Stdout, cmd.Stderr = &out, &errText
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hung := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	_ = cmd.Wait() // the exit code says how it ended
	return out.String(), errText.String(), cmd.ProcessState.ExitCode()
}

func (c *cluster) reload(t testing.TB) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.state, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	c.run = runFile{}
	if err := json.Unmarshal(text, &c.run); err != nil {
		t.Fatal(err)
	}
}

type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

func (c *cluster) admin(t testing.TB) credentials {
	t.Helper()
	path := filepath.Join(c.state, "admin.json")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("admin.json has mode %o", info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var who credentials
	if err := json.Unmarshal(text, &who); err != nil {
		t.Fatal(err)
	}
	return who
}

func (c *cluster) signIn(t testing.TB, who credentials) string {
	t.Helper()
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	call := problem.Call{Method: "POST", URL: c.run.url("authsvc") + "/v1/login", Body: who, Into: &answer}
	if _, err := call.Do(t.Context(), c.http); err != nil {
		t.Fatalf("sign in: %v", err)
	}
	return answer.AccessToken
}

// call sends one JSON request to the frontend as the signed-in user.
func (c *cluster) call(ctx context.Context, method, path string, body, into any) error {
	return c.callAs(ctx, c.token, c.run.url("frontend"), method, path, body, into)
}

func (c *cluster) callAs(ctx context.Context, token, service, method, path string, body, into any) error {
	header := http.Header{}
	if token != "" {
		header.Set("Authorization", "Bearer "+token)
	}
	_, err := problem.Call{Method: method, URL: service + path, Header: header, Body: body, Into: into}.Do(ctx, c.http)
	return err
}

// retry repeats a call until it succeeds, as a client does while a service
// restarts.
func (c *cluster) retry(t testing.TB, limit time.Duration, do func() error) {
	t.Helper()
	await(t, limit, "an answer", func() (bool, string) {
		err := do()
		return err == nil, fmt.Sprint(err)
	})
}

// addPrices uploads a small dataset named prices with the assets A to D.
func (c *cluster) addPrices(t testing.TB) {
	t.Helper()
	var b strings.Builder
	b.WriteString("date,A,B,C,D\n")
	day := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 120 {
		fmt.Fprintf(&b, "%s,%d,%d,%d,%d\n", day.AddDate(0, 0, i).Format(time.DateOnly), 100+i, 200-i, 50+i%7, 300+(i*i)%11)
	}
	if err := c.upload(t.Context(), "prices", b.String()); err != nil {
		t.Fatalf("upload: %v", err)
	}
}

// upload stores a CSV file as a dataset.
func (c *cluster) upload(ctx context.Context, name, csv string) error {
	header := http.Header{"Authorization": {"Bearer " + c.token}, "Content-Type": {"text/csv"}}
	call := problem.Call{Method: "POST", URL: c.run.url("frontend") + "/v1/datasets/" + name, Header: header, Body: strings.NewReader(csv)}
	_, err := call.Do(ctx, c.http)
	return err
}

// waitJob long-polls until the job has ended.
func (c *cluster) waitJob(t testing.TB, id job.ID, limit time.Duration) job.Job {
	t.Helper()
	var j job.Job
	await(t, limit, fmt.Sprintf("job %s", id), func() (bool, string) {
		err := c.call(t.Context(), "GET", "/v1/jobs/"+string(id)+"?wait=5s", nil, &j)
		return err == nil && j.State.Final(), fmt.Sprint(j.State, " ", err)
	})
	return j
}

// processes lists the processes of the cluster: its parts and their children.
func (c *cluster) processes(t testing.TB) []int {
	c.reload(t)
	var all []int
	for _, p := range c.run.Parts {
		all = append(append(all, p.PID), children(t, p.PID)...)
	}
	return all
}

func (c *cluster) showLogs(t testing.TB) {
	logs, _ := filepath.Glob(filepath.Join(c.state, "log", "*"))
	for _, name := range logs {
		text, _ := os.ReadFile(name)
		t.Logf("%s ends with:\n%s", filepath.Base(name), text[max(0, len(text)-3000):])
	}
}

// children are the process ids below pid, by /proc.
func children(t testing.TB, pid int) []int {
	t.Helper()
	var all []int
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		text, _ := os.ReadFile(task) // a thread may just have ended
		for field := range strings.FieldsSeq(string(text)) {
			child, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			all = append(append(all, child), children(t, child)...)
		}
	}
	return all
}

// alive reports whether a process runs: a zombie does not.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(rest, "Z")
}

func kill9(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}
