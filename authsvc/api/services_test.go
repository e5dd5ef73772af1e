package api

import (
	"testing"
	"time"

	"foliocast/authsvc/client"
	"foliocast/internal/auth"
	"foliocast/internal/problem"
	"foliocast/internal/serve/servetest"
)

func TestServiceAccounts(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx := t.Context()
	admin, _ := f.as(t, "admin", adminPassword)
	added, err := admin.AddService(ctx, client.NewService{Name: "exporter", Scopes: []auth.Scope{auth.ResultsRead}})
	if err != nil || !auth.Intact(auth.SecretPrefix, added.Secret) || added.Previous != nil || !added.UsedAt.IsZero() {
		t.Fatalf("got %+v, %v", added, err)
	}
	_, err = admin.AddService(ctx, client.NewService{Name: "exporter", Scopes: []auth.Scope{auth.UsersWrite}})
	wantKind(t, err, problem.Conflict)
	open := client.New(f.url, nil)
	if _, err := open.Credentials(ctx, "exporter", added.Secret, auth.Queue); err != nil {
		t.Fatal(err)
	}
	all, err := admin.Services(ctx)
	if err != nil || len(all) != 2 || all[0].Name != "exporter" || all[1].Name != "worker" || all[0].UsedAt.IsZero() || !all[1].UsedAt.IsZero() {
		t.Errorf("got %+v, %v", all, err)
	}
	first, err := open.Credentials(ctx, "exporter", added.Secret, auth.Queue)
	if err != nil {
		t.Fatal(err)
	}
	_, others := f.as(t, "admin", adminPassword)
	wantEnd(t, f.remote(t, auth.Queue), first.AccessToken, others.AccessToken, func() error {
		_, err := admin.SetServiceScopes(ctx, "exporter", auth.AuditRead)
		return err
	})
	next, err := open.Credentials(ctx, "exporter", added.Secret, auth.Queue)
	if err != nil || next.Scope != string(auth.AuditRead) {
		t.Errorf("with other scopes: got %+v, %v", next, err)
	}
	wantEnd(t, f.remote(t, auth.Queue), next.AccessToken, others.AccessToken, func() error { return admin.RemoveService(ctx, "exporter") })
	_, err = open.Credentials(ctx, "exporter", added.Secret, auth.Queue)
	wantKind(t, err, problem.Unauthorized)
	_, err = admin.Service(ctx, "exporter")
	wantKind(t, err, problem.NotFound)
	_, err = admin.RotateSecret(ctx, "exporter", 0)
	wantKind(t, err, problem.NotFound)
	_, err = admin.SetServiceScopes(ctx, "exporter", auth.AuditRead)
	wantKind(t, err, problem.NotFound)
	wantKind(t, admin.RemoveService(ctx, "exporter"), problem.NotFound)
}

// While a secret is rotated, both are valid, and their tokens; afterwards only the new one is.
func TestSecretsAreRotatedWithAnOverlap(t *testing.T) {
	t.Parallel()
	f := start(t)
	ctx := t.Context()
	admin, _ := f.as(t, "admin", adminPassword)
	added, err := admin.AddService(ctx, client.NewService{Name: "exporter", Scopes: []auth.Scope{auth.ResultsRead}})
	if err != nil {
		t.Fatal(err)
	}
	queue, open := f.remote(t, auth.Queue), client.New(f.url, nil)
	valid := func(secret string) bool {
		t.Helper()
		tokens, err := open.Credentials(ctx, "exporter", secret, auth.Queue)
		if problem.Is(err, problem.Unauthorized) {
			return false
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := queue.Verify(ctx, tokens.AccessToken); err != nil {
			t.Errorf("a token of a valid secret: %v", err)
		}
		who, err := f.bearer(tokens.AccessToken).Whoami(ctx)
		return err == nil && who.Username == "exporter" || problem.Is(err, problem.Unauthorized) // which is not for this service
	}
	rotate := func(overlap time.Duration) string {
		t.Helper()
		rotated, err := admin.RotateSecret(ctx, "exporter", overlap)
		if err != nil || (overlap == 0) != (rotated.Previous == nil) {
			t.Fatalf("got %+v, %v", rotated, err)
		}
		return rotated.Secret
	}
	old, err := open.Credentials(ctx, "exporter", added.Secret, auth.Authsvc)
	if err != nil {
		t.Fatal(err)
	}
	second := rotate(time.Hour)
	if !valid(added.Secret) || !valid(second) {
		t.Error("during the overlap, one of both secrets is refused")
	}
	if _, err := f.bearer(old.AccessToken).Whoami(ctx); err != nil {
		t.Errorf("during the overlap, a token from before: %v", err)
	}
	if now, err := admin.Service(ctx, "exporter"); err != nil || now.Previous.UsedAt.IsZero() || now.UsedAt.IsZero() {
		t.Errorf("got %+v, %v, want that both secrets are used", now, err)
	}
	// A second rotation ends what was before the first, at the other services as well.
	oldest, err := open.Credentials(ctx, "exporter", added.Secret, auth.Queue)
	if err != nil {
		t.Fatal(err)
	}
	newer, err := open.Credentials(ctx, "exporter", second, auth.Queue)
	if err != nil {
		t.Fatal(err)
	}
	var third string
	wantEnd(t, queue, oldest.AccessToken, newer.AccessToken, func() error { third = rotate(5 * time.Second); return nil })
	if valid(added.Secret) || !valid(third) {
		t.Error("after a second rotation, the first secret is valid or the last one is not")
	}
	_, err = f.bearer(old.AccessToken).Whoami(ctx)
	wantKind(t, err, problem.Unauthorized)
	servetest.Until(t, "the overlap is over", func() bool { return !valid(second) })
	if !valid(third) {
		t.Error("the new secret is refused")
	}
	// Without an overlap, the tokens end within seconds, too.
	tokens, err := open.Credentials(ctx, "exporter", third, auth.Queue)
	if err != nil {
		t.Fatal(err)
	}
	_, others := f.as(t, "admin", adminPassword)
	wantEnd(t, queue, tokens.AccessToken, others.AccessToken, func() error { rotate(0); return nil })
	if valid(third) {
		t.Error("the old secret is valid")
	}
}

// A token of a secret that is to end is not valid for longer.
func TestTokensEndWithTheirSecret(t *testing.T) {
	t.Parallel()
	f := start(t)
	admin, _ := f.as(t, "admin", adminPassword)
	if _, err := admin.RotateSecret(t.Context(), "worker", time.Minute); err != nil {
		t.Fatal(err)
	}
	tokens, err := client.New(f.url, nil).Credentials(t.Context(), "worker", "secret", auth.Queue)
	if err != nil || tokens.ExpiresIn > 60 || tokens.ExpiresIn < 30 {
		t.Errorf("got %+v, %v, want a token of less than a minute", tokens.ExpiresIn, err)
	}
	if _, err := f.pool.Exec(t.Context(), "UPDATE service_account SET previous_until = now() - interval '1 second'"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.PurgeSessions(t.Context()); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := f.pool.QueryRow(t.Context(), "SELECT count(previous_digest) FROM service_account").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d old secrets are kept (%v)", left, err)
	}
}
