package foliocast

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"foliocast/foliocast/slurm"
	"foliocast/queue/message"
)

func TestLoadOf(t *testing.T) {
	t.Parallel()
	queues := []message.Queue{{Name: "a", Waiting: 10, Leased: 2}, {Name: "b", Waiting: 5, Leased: 1, Paused: true},
		{Name: "c", Waiting: 50, Leased: 7, Share: message.Share{MaxLeased: 8}}, {Name: "d", Waiting: 50, Leased: 9, Share: message.Share{MaxLeased: 8}}}
	for want, names := range map[slurm.Load][]string{
		{Waiting: 11, Leased: 19}: nil,
		{Waiting: 10, Leased: 3}:  {"a", "b"},
	} {
		if got, err := loadOf(queues, names); got != want || err != nil {
			t.Errorf("load of %v is %+v, %v, want %+v", names, got, err, want)
		}
	}
	if _, err := loadOf(queues, []string{"a", "x"}); exitCode(err) != exitNotFound {
		t.Errorf("got %v, want that no queue is named x", err)
	}
	for _, nonsense := range [][]message.Queue{nil, {{Name: "a", Waiting: -1}}, {{Name: "a", Leased: -1}}} {
		if _, err := loadOf(nonsense, nil); !errors.Is(err, errNonsense) {
			t.Errorf("load of %+v: %v, want that it is nonsense", nonsense, err)
		}
	}
}

func TestScaleLines(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	s := slurm.Scale{Max: 3, PerPilot: 10, Cores: 4, Idle: time.Minute}
	r := scaleRound{At: at, Load: slurm.Load{Waiting: 31, Leased: 2}}
	r.decide(s, []slurm.Pilot{{ID: "7", State: "RUNNING"}, {ID: "8", State: "PENDING", Reason: "Resources", Submitted: at.Add(-3 * time.Hour)}}, &slurm.Memory{})
	begin := "2026-12-01T12:00:00Z 31 waiting, 2 leased: want 3 pilots; 1 running, 1 pending, the oldest for 3h0m0s (Resources): "
	dry := r
	dry.DryRun = true
	done := r
	done.Submitted = []slurm.JobID{"9", "10"}
	for want, got := range map[string]scaleRound{
		begin + "would submit 1 pilot":                             dry,
		begin + "submitted 9, 10":                                  done,
		begin + "nothing to do; failed: bad":                       r.failed(errors.New("bad"), true),
		"2026-12-01T12:00:00Z no decision: the queue is not there": scaleRound{At: at}.failed(errors.New("the queue is not there"), true),
	} {
		if got.String() != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Two of the same name are one too many. What cannot be read is not overwritten.
func TestScaleStore(t *testing.T) {
	t.Parallel()
	p := newPerson(t, newScript(t, map[string]http.HandlerFunc{}))
	p.env["XDG_STATE_HOME"] = t.TempDir()
	a := &app{env: func(name string) string { return p.env[name] }}
	first, err := a.scaleStore("one")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.scaleStore("one"); exitCode(err) != exitConflict {
		t.Errorf("got %v, want a conflict", err)
	}
	other, err := a.scaleStore("other")
	if err != nil {
		t.Fatal(err)
	}
	other.close()
	first.memory.Fail(time.Now(), "bad disk")
	if err := first.save(); err != nil {
		t.Fatal(err)
	}
	first.close()
	if again, err := a.scaleStore("one"); err != nil || again.memory.Failures != 1 || again.memory.Fault != "bad disk" {
		t.Errorf("%+v, %v", again, err)
	} else {
		again.close()
	}
	path := filepath.Join(p.env["XDG_STATE_HOME"], "foliocast", "slurm-one.json")
	if err := os.WriteFile(path, []byte(`{"failures":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := a.scaleStore("one"); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("got %v, want that the file is not read", err)
	}
}

// Slurm keeps the environment of its jobs where its administrators can read it: neither the person's token nor the pilot's account is in it.
func TestPilotsGetNoSecrets(t *testing.T) {
	t.Parallel()
	p, _, account := submitter(t)
	a := &app{env: func(name string) string { return p.env[name] }}
	got, err := a.pilot(pilotFlags{clientFile: account}, "mpicalc", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"FOLIOCAST_TOKEN", "FOLIOCAST_CLIENT_ID", "FOLIOCAST_CLIENT_SECRET"} {
		if !slices.Contains(got.hidden, secret) {
			t.Errorf("the jobs get %s", secret)
		}
	}
}
