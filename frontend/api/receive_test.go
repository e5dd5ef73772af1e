package api

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"foliocast/internal/problem"
)

// An upload that finds no room on the disk fails with the error of the system, which the door answers with 503.
func TestUploadToAFullDisk(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	g, _ := gin.CreateTestContext(httptest.NewRecorder())
	g.Request = httptest.NewRequest("POST", "/v1/datasets/p", strings.NewReader(strings.Repeat("x", 1<<20)))
	a := &API{limits: Limits{Upload: 4 << 20, Mapped: 4 << 20, UploadTime: time.Minute}}
	if err := a.receive(plain(g, a.limits.Upload), full); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
}

// Unpacking ends at the limit: what a small body could become does not reach the disk.
func TestBombsEndAtTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	a := &API{limits: Limits{Upload: limit, Mapped: limit, UploadTime: time.Minute}}
	bomb := gzipped(t, strings.Repeat("0", 64*limit))
	for name, packed := range map[string]string{"once": bomb, "twice": gzipped(t, bomb)} {
		g, _ := gin.CreateTestContext(httptest.NewRecorder())
		g.Request = httptest.NewRequest("POST", "/v1/datasets/p", strings.NewReader(packed))
		f, err := a.arriving(&UploadInput{ContentType: csvMedia, Encoding: "gzip", request: g})
		if err != nil {
			t.Fatal(err)
		}
		defer f.end()
		file, err := os.Create(filepath.Join(t.TempDir(), "bomb"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := a.receive(f, file); !problem.Is(err, problem.TooLarge) {
			t.Errorf("%s: got %v", name, err)
		}
		if info, err := file.Stat(); err != nil || info.Size() > limit {
			t.Errorf("%s: %d bytes reached the disk, %v", name, info.Size(), err)
		}
	}
}
