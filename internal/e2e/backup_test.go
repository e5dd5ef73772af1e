package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	frontend "foliocast/frontend/client"
	"foliocast/internal/auth"
	"foliocast/internal/forecasttable"
	"foliocast/internal/job"
	"foliocast/internal/problem"
)

// A backup that is written while users upload and submit, and restored elsewhere: what had ended is there with its result, what
// waited or ran is computed once, and the events go on where they were. FOLIOCAST_BACKUP_LOAD says how long users work before and
// after the backup, by default a second.
func TestBackup(t *testing.T) {
	t.Parallel()
	c := startCluster(t, 2)
	c.addPrices(t)
	if err := c.upload(t.Context(), "many", manySeries(3000, 200)); err != nil {
		t.Fatal(err)
	}
	first := c.submit(t, "before")
	c.eachDone(t, []job.ID{first})
	before := c.result(t, first, forecasttable.CSV)
	long := job.Spec{Dataset: "many", Assets: []string{"*"}, Model: "auto", Horizon: 8}
	var running job.Job
	if err := c.call(t.Context(), "POST", "/v1/jobs", long, &running); err != nil {
		t.Fatal(err)
	}
	load := time.Second
	if text := os.Getenv("FOLIOCAST_BACKUP_LOAD"); text != "" {
		var err error
		if load, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	stop := c.work(t)
	pause(t, load)
	dir := t.TempDir()
	if out := c.foliocast(t, "backup", dir); !strings.Contains(out, "wrote "+dir) {
		t.Errorf("backup says %s", out)
	}
	pause(t, load)
	stop()
	files, _ := filepath.Glob(filepath.Join(dir, "foliocast-*.tar"))
	if len(files) != 1 {
		t.Fatalf("the folder has %v", files)
	}
	file := files[0]
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has the mode %v, %v", info.Mode(), err)
	}
	if _, errText, code := c.try(t, "backup", file); code != 2 || !strings.Contains(errText, "does not replace a file") {
		t.Errorf("a second backup into the same file: exit %d, %s", code, errText)
	}
	if _, errText, code := c.try(t, "restore", file); code != 2 || !strings.Contains(errText, "into an empty site only") {
		t.Errorf("a restore into the same site: exit %d, %s", code, errText)
	}
	if j := c.waitJob(t, c.submit(t, "meanwhile"), 2*time.Minute); j.State != job.Done { // still at work
		t.Errorf("after the backup, a job is %s", j.State)
	}

	other := &cluster{state: filepath.Join(t.TempDir(), "state"), program: c.program, http: c.http}
	damaged(t, other, file)
	other.foliocast(t, "restore", file)
	other.start(t, "--np", "2")
	if got := other.result(t, first, forecasttable.CSV); !bytes.Equal(got, before) {
		t.Errorf("the restored result has %d bytes, want the %d from before", len(got), len(before))
	}
	ids := []job.ID{}
	for j, err := range frontend.New(other.run.url("frontend"), nil, auth.Static(other.token)).Jobs(t.Context(), frontend.JobFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, j.ID)
	}
	t.Logf("the backup has %d jobs", len(ids))
	check := other.follow(t)
	for _, id := range ids {
		if j := other.waitJob(t, id, 3*time.Minute); j.State != job.Done {
			t.Errorf("job %s is %s: %v", id, j.State, j.Error)
		}
		other.result(t, id, forecasttable.CSV)
	}
	check(ids)
	if j := other.waitJob(t, other.submit(t, "after"), time.Minute); j.State != job.Done { // and it works
		t.Errorf("after the restore, a job is %s", j.State)
	}
	other.login(t)
	if !strings.Contains(other.foliocast(t, "job", "trace", string(running.ID)), "fit rank 1") {
		t.Error("the long job was not computed")
	}
}

// pause lets users work for a time.
func pause(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

// work has users submit jobs and upload versions of a dataset until stop is called.
func (c *cluster) work(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var users sync.WaitGroup
	for user := range 3 {
		users.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				spec := job.Spec{Dataset: "prices", Assets: []string{"A", "B"}, Horizon: 3 + i%5, Model: "drift"}
				header := http.Header{"Authorization": {"Bearer " + c.token}, "Idempotency-Key": {fmt.Sprint(user, "-", i)}}
				_, err := problem.Call{Method: "POST", URL: c.run.url("frontend") + "/v1/jobs", Header: header, Body: spec}.Do(ctx, c.http)
				if err == nil && i%4 == 0 {
					err = c.upload(ctx, fmt.Sprintf("user%d", user), manySeries(2+i, 20))
				}
				if err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	return func() { cancel(); users.Wait() }
}

// damaged restores a copy of a backup whose dump was changed, which must leave the site empty.
func damaged(t *testing.T, c *cluster, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text[bytes.Index(text, []byte("PGDMP"))+4000] ^= 1
	path := filepath.Join(t.TempDir(), "damaged.tar")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, errText, code := c.try(t, "restore", path); code == 0 || !strings.Contains(errText, "has another checksum than was written") {
		t.Errorf("a damaged backup: exit %d, %s", code, errText)
	}
	for _, pattern := range []string{"postgres", "signing.key", "admin.json", "data/*"} {
		if left, _ := filepath.Glob(filepath.Join(c.state, pattern)); len(left) > 0 {
			t.Errorf("a damaged backup left %v", left)
		}
	}
}
