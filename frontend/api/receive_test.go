package api

import (
	"errors"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
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
	if err := a.receive(g, full, ".csv"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
}
