package slurm

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// healthy is what the doctor sees where everything works.
func healthy(t *testing.T) Facts {
	t.Helper()
	nodes, err := ParseNodes("n1|idle|8|0/8/0/8|main*|1-00:00:00|none\nn2|mixed|8|4/4/0/8|main*|1-00:00:00|none\n" +
		"n2|mixed|8|4/4/0/8|long|infinite|none\n")
	if err != nil {
		t.Fatal(err)
	}
	services := []Reach{{Service: "authsvc", URL: "http://a:5000"}, {Service: "queue", URL: "http://a:7500"}}
	return Facts{
		Asked:      Asked{Mpicalc: "/opt/mpicalc", Version: "1", Services: services},
		Slurm:      Answer[Version]{Value: Version{22, 5, "22.05.8"}},
		Controller: Answer[string]{Value: "Slurmctld(primary) at h is UP"},
		Nodes:      Answer[[]Node]{Value: nodes},
		Settings:   Answer[map[string]string]{Value: map[string]string{"AuthInfo": "socket=/run/munge,cred_expire=300"}},
		MPITypes:   Answer[[]string]{Value: []string{"none", "pmix_v4"}},
		OpenMPI:    Answer[Version]{Value: Version{4, 1, "4.1.4"}},
		Components: Answer[Components]{Value: Components{"plm": {"slurm"}, "ras": {"slurm"}}},
		Here:       Answer[string]{Value: "mpicalc version 1"},
		There:      Answer[[]Seen]{Value: []Seen{{"n1", "mpirun (Open MPI) 4.1.4", "mpicalc version 1"}}},
		Reached:    services,
		FromNode:   Answer[[]Probed]{Err: errNotAsked},
	}
}

func TestDiagnoseOfTheHealthyIsOK(t *testing.T) {
	t.Parallel()
	f := healthy(t)
	for range 2 {
		for _, finding := range Diagnose(f) {
			if finding.Status != OK || finding.Advice != "" {
				t.Errorf("%+v, want ok", finding)
			}
		}
		f.Asked.Probe = []string{"probe"} // and once more from a node
		f.FromNode = Answer[[]Probed]{Value: []Probed{{"n1", f.Reached}}}
	}
}

// ailment is one thing that is wrong, and the finding that it must lead to.
type ailment struct {
	afflict func(*Facts)
	check   string
	status  Status
	found   string
}

func TestDiagnoseNamesWhatIsWrongWithSlurm(t *testing.T) {
	t.Parallel()
	gone, refused := &NoAnswer{"x", exec.ErrNotFound}, &Refused{"x", 1, "it refuses"}
	diagnoseEach(t, map[string]ailment{
		"no sbatch":       {func(f *Facts) { f.Slurm.Err = gone }, "slurm", Fault, "not on PATH"},
		"sbatch broken":   {func(f *Facts) { f.Slurm.Err = refused }, "slurm", Fault, "it refuses"},
		"old Slurm":       {func(f *Facts) { f.Slurm.Value = Version{19, 5, "19.05"} }, "slurm", Warning, "19.05 is old"},
		"no controller":   {func(f *Facts) { f.Controller.Err = refused; f.withoutController() }, "controller", Fault, "does not answer: it refuses"},
		"no sinfo":        {func(f *Facts) { f.Nodes.Err = refused }, "nodes", Fault, "sinfo"},
		"no partition":    {func(f *Facts) { f.Asked.Partition = "gpu" }, "nodes", Fault, `no partition "gpu"`},
		"no default":      {func(f *Facts) { f.Nodes.Value = f.Nodes.Value[2:] }, "nodes", Fault, "No partition is the default"},
		"too many ranks":  {func(f *Facts) { f.Asked.Ranks = 17 }, "nodes", Fault, "too small for 17 ranks"},
		"too many nodes":  {func(f *Facts) { f.Asked.Nodes = 3 }, "nodes", Fault, "too small for 3 ranks on 3 nodes"},
		"busy":            {func(f *Facts) { f.Asked.Ranks = 13 }, "nodes", Warning, "wait for others"},
		"node drained":    {func(f *Facts) { f.Nodes.Value[1].State, f.Nodes.Value[1].Reason = "drained", "disk" }, "nodes", Warning, "n2 is drained (disk)"},
		"all down":        {func(f *Facts) { f.Nodes.Value[0].State, f.Nodes.Value[1].State = "down", "down" }, "nodes", Fault, "No node of partition main works"},
		"too long":        {func(f *Facts) { f.Asked.Limit = Limit(25 * time.Hour) }, "time", Fault, "at most 1-00:00:00"},
		"no limit":        {func(f *Facts) { f.Asked.Limit = Unlimited }, "time", Fault, "one of UNLIMITED"},
		"shorter than 2m": {func(f *Facts) { f.Asked.Limit = Limit(2 * time.Minute) }, "time", Fault, "stop as soon as it begins"},
		"short warning":   {func(f *Facts) { f.Asked.Warning = 45 * time.Second }, "time", Warning, "45s before the end is short"},
	})
}

func TestDiagnoseNamesWhatIsWrongWithTheRest(t *testing.T) {
	t.Parallel()
	gone, refused := &NoAnswer{"x", exec.ErrNotFound}, &Refused{"x", 1, "it refuses"}
	diagnoseEach(t, map[string]ailment{
		"no mpirun":     {func(f *Facts) { f.OpenMPI.Err = gone }, "openmpi", Fault, "not on PATH"},
		"mpirun broken": {func(f *Facts) { f.OpenMPI.Err = refused }, "openmpi", Fault, "it refuses"},
		"old Open MPI": {func(f *Facts) {
			f.OpenMPI.Value, f.There.Value[0].MPIRun = Version{3, 1, "3.1"}, "mpirun (Open MPI) 3.1"
		}, "openmpi", Warning, "3.1 is old"},
		"root":               {func(f *Facts) { f.Root = true }, "root", Fault, "refuses to run as root"},
		"no ompi_info":       {func(f *Facts) { f.Components.Err = gone }, "launch", Warning, "does not say how"},
		"without Slurm":      {func(f *Facts) { f.Components.Value["ras"] = nil }, "launch", Fault, "built without Slurm"},
		"without PMIx":       {func(f *Facts) { f.MPITypes.Value = []string{"none"} }, "launch", Warning, "no PMIx"},
		"no mpicalc":         {func(f *Facts) { f.Here.Err, f.There.Err = gone, errNotAsked }, "mpicalc", Fault, "There is no program /opt/mpicalc"},
		"another mpicalc":    {func(f *Facts) { f.Here.Value = "mpicalc 1.10.1" }, "mpicalc", Fault, "not Foliocast's"},
		"another build":      {func(f *Facts) { f.Asked.Version = "2" }, "mpicalc", Warning, "foliocast is 2"},
		"none free":          {func(f *Facts) { f.There.Err = errNoneFree }, "mpicalc", Warning, "No node is free"},
		"srun broken":        {func(f *Facts) { f.There.Err = refused }, "mpicalc", Fault, "The doctor's job on a node failed: it refuses"},
		"not on the node":    {func(f *Facts) { f.There.Value[0].Mpicalc = "sh: not found" }, "mpicalc", Fault, `on node n1 is not Foliocast's mpicalc: it prints "sh: not found"`},
		"older on the node":  {func(f *Facts) { f.There.Value[0].Mpicalc = ours + "0" }, "mpicalc", Fault, "0 on n1; 1 on this machine"},
		"no MPI on the node": {func(f *Facts) { f.There.Value[0].MPIRun = "" }, "openmpi", Fault, "mpirun does not run on node n1: it prints nothing"},
		"other MPI there":    {func(f *Facts) { f.There.Value[0].MPIRun = "mpirun (Open MPI) 5.0.1" }, "openmpi", Fault, "4.1.4 on this machine; 5.0.1 on n1"},
		"no queue":           {func(f *Facts) { f.Reached = []Reach{{"queue", "http://a:7500", "refused"}} }, "services", Fault, "queue at http://a:7500 does not answer from here: refused"},
		"loopback":           {func(f *Facts) { f.Reached = []Reach{{Service: "queue", URL: "http://[::1]:7500"}} }, "services", Warning, "address of queue leads to this machine only"},
		"no probe": {func(f *Facts) { f.Asked.Probe, f.FromNode.Err = []string{"p"}, refused }, "services", Fault,
			"could not be asked from a node: it refuses"},
		"none free to probe": {func(f *Facts) { f.Asked.Probe, f.FromNode.Err = []string{"p"}, errNoneFree }, "services", Warning, "the services were not asked"},
		"not from the node": {func(f *Facts) {
			f.Asked.Probe = []string{"p"}
			f.FromNode = Answer[[]Probed]{Value: []Probed{{"n1", []Reach{{"queue", "http://a:7500", "no route"}}}}}
		}, "services", Fault, "answers here but not on node n1: no route"},
	})
}

// diagnoseEach checks that each ailment alone leads to one finding that names it
// and says what to do.
func diagnoseEach(t *testing.T, ailments map[string]ailment) {
	t.Helper()
	for name, c := range ailments {
		f := healthy(t)
		c.afflict(&f)
		var wrong []Finding
		findings := Diagnose(f)
		for _, finding := range findings {
			if finding.Status != OK {
				wrong = append(wrong, finding)
			}
		}
		if len(wrong) != 1 || wrong[0].Check != c.check || wrong[0].Status != c.status || !strings.Contains(wrong[0].Found, c.found) {
			t.Errorf("%s: %+v, want one %s of %s with %q", name, wrong, c.status, c.check, c.found)
		}
		for _, w := range wrong {
			if !strings.HasSuffix(w.Found, ".") || !strings.HasSuffix(w.Advice, ".") {
				t.Errorf("%s: %+v, want two sentences", name, w)
			}
		}
		if Healthy(findings) != (c.status != Fault) {
			t.Errorf("%s: well is %v", name, Healthy(findings))
		}
	}
}

// The 120 s are those of the manual page of slurm.conf, AuthInfo.
func TestRequeueWait(t *testing.T) {
	t.Parallel()
	for info, want := range map[string]time.Duration{"socket=/run/munge,cred_expire=300": 5 * time.Minute, "(null)": 2 * time.Minute, "cred_expire=x": 2 * time.Minute} {
		f := Facts{Settings: Answer[map[string]string]{Value: map[string]string{"AuthInfo": info}}}
		if got := f.requeueWait(); got != want {
			t.Errorf("with AuthInfo=%s it is %s, want %s", info, got, want)
		}
	}
}

// mpicalc need not be on the machine that submits.
func TestDiagnoseMpicalcOnlyOnNodes(t *testing.T) {
	t.Parallel()
	f := healthy(t)
	f.Here = Answer[string]{Err: &NoAnswer{"mpicalc", exec.ErrNotFound}}
	if findings := Diagnose(f); !Healthy(findings) {
		t.Errorf("%+v, want all well", findings)
	}
}

// Where nothing is installed, each part has its finding and nothing panics.
func TestDiagnoseOfNothing(t *testing.T) {
	t.Parallel()
	none := &NoAnswer{"x", errors.New("no answer within 10s")}
	f := Facts{Slurm: Answer[Version]{Err: none}, Controller: Answer[string]{Err: none}, OpenMPI: Answer[Version]{Err: none},
		Here: Answer[string]{Err: none}}
	f.withoutController()
	findings := Diagnose(f)
	if Healthy(findings) || len(findings) != 4 {
		t.Errorf("%+v, want the four faults", findings)
	}
}
