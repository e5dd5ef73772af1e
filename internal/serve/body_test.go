package serve

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

func TestAnAnswerMayTakeLongerThanItsBodyMay(t *testing.T) {
	t.Parallel()
	d := NewDoor(Config{Name: "test", Version: "0", Log: slog.New(slog.DiscardHandler)})
	const bodyTime = 30 * time.Millisecond
	op := huma.Operation{Method: http.MethodPost, Path: "/wait", BodyReadTimeout: bodyTime}
	huma.Register(d.API, op, func(ctx context.Context, in *struct{ Body struct{} }) (*struct{ Body string }, error) {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(5 * bodyTime):
			return &struct{ Body string }{"answer"}, nil
		}
	})
	server := httptest.NewServer(d.Router)
	t.Cleanup(server.Close)
	resp, err := http.Post(server.URL+"/wait", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("got %d: the deadline of the body broke off the answer", resp.StatusCode)
	}
}
