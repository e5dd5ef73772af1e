package auth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"foliocast/internal/problem"
)

// Ended lists the sessions that ended while a token of theirs may still be valid: by
// logout, removal, or a change of roles, password or secret. The identity service
// publishes it without a login, so it has a digest of each session's id only.
type Ended struct {
	Sessions []string `json:"sessions" doc:"digests of the sessions' ids"`
}

// SessionDigest returns how Ended names a session.
func SessionDigest(session string) string {
	sum := sha256.Sum256([]byte(session))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// EndedPath is where the identity service publishes Ended.
const EndedPath = "/v1/sessions/ended"

const (
	endedEvery   = 2 * time.Second // between two looks at the list
	endedTimeout = 3 * time.Second // of one look
	maxEnded     = 8 << 20         // bytes of the list: more than 300,000 sessions
)

// errSessionEnded ends the requests of a session, and is their answer.
var errSessionEnded = problem.New(problem.Unauthorized, "the session has ended: log in again").
	With("WWW-Authenticate", realm+`, error="invalid_token", error_description="the session has ended"`)

// endedSessions follows the list of the identity service. While that is unreachable,
// the last list stays valid: nobody can log in meanwhile, and a token that the list
// does not have lives ten minutes at most. Safe for concurrent use.
type endedSessions struct {
	url    string
	client *http.Client
	log    *slog.Logger

	mu      sync.Mutex
	known   chan struct{}       // closed by the first list
	ended   map[string]struct{} // by digest; nil before the first list
	failing time.Time           // since when the list cannot be fetched
	open    map[string]map[*context.CancelCauseFunc]struct{}
}

func newEndedSessions(base string, log *slog.Logger) *endedSessions {
	return &endedSessions{
		url: strings.TrimRight(base, "/") + EndedPath, client: &http.Client{Timeout: endedTimeout}, log: log,
		known: make(chan struct{}), open: map[string]map[*context.CancelCauseFunc]struct{}{},
	}
}

// run follows the list until ctx ends.
func (e *endedSessions) run(ctx context.Context) {
	ticker := time.NewTicker(endedEvery)
	defer ticker.Stop()
	for {
		list, err := e.get(ctx)
		if ctx.Err() != nil {
			return
		}
		e.note(list, err)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (e *endedSessions) get(ctx context.Context) (Ended, error) {
	var list Ended
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
	if err != nil {
		return list, err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return list, problem.Reason(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return list, problem.Read(resp)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxEnded+1))
	if err != nil {
		return list, err
	}
	if len(text) > maxEnded {
		return list, fmt.Errorf("the list of ended sessions has more than %d bytes", maxEnded)
	}
	return list, json.Unmarshal(text, &list)
}

// note takes a new list, and ends the requests of its sessions. It logs the first of
// several failures, and their end.
func (e *endedSessions) note(list Ended, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil {
		if e.failing.IsZero() {
			e.failing = time.Now()
			e.log.Warn("ended sessions not fetched: until they are, tokens of sessions that end stay valid until they expire", "url", e.url, "err", err)
		}
		return
	}
	if !e.failing.IsZero() {
		e.log.Info("ended sessions fetched again", "duration_ms", time.Since(e.failing).Milliseconds())
		e.failing = time.Time{}
	}
	if e.ended == nil {
		close(e.known)
	}
	e.ended = make(map[string]struct{}, len(list.Sessions))
	for _, session := range list.Sessions {
		e.ended[session] = struct{}{}
		for cancel := range e.open[session] {
			(*cancel)(errSessionEnded)
		}
	}
}

// check is nil when the session has not ended, a *BadToken when it has, and another
// error when that is not known yet.
func (e *endedSessions) check(ctx context.Context, session string) error {
	patience, cancel := context.WithTimeout(ctx, endedTimeout)
	defer cancel()
	select {
	case <-e.known:
	case <-patience.Done():
		return errors.New("it is not known yet which sessions have ended")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.ended[SessionDigest(session)]; ok {
		return &BadToken{Reason: "belongs to a session that has ended", Err: errSessionEnded}
	}
	return nil
}

// watch returns a context that ends with the session. Call stop in the end.
func (e *endedSessions) watch(ctx context.Context, session string) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	digest := SessionDigest(session)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.ended[digest]; ok { // since the check
		cancel(errSessionEnded)
	}
	if e.open[digest] == nil {
		e.open[digest] = map[*context.CancelCauseFunc]struct{}{}
	}
	e.open[digest][&cancel] = struct{}{}
	return ctx, func() {
		cancel(nil)
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.open[digest], &cancel)
		if len(e.open[digest]) == 0 {
			delete(e.open, digest)
		}
	}
}
