package webhook

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"foliocast/frontend/egress"
	"foliocast/frontend/store"
)

const (
	attemptTime   = 10 * time.Second // from the first packet to the answer
	maxAnswer     = 4 << 10          // bytes that are read of an answer, and thrown away
	maxRetryAfter = 6 * time.Hour
	secretBytes   = 32
)

// Sender sends messages. Safe for concurrent use.
type Sender struct {
	egress.Policy
	client *http.Client
}

// NewSender returns a sender that sends where the policy allows. It asks the resolver for addresses; nil is that of the machine.
func NewSender(p egress.Policy, resolver *net.Resolver) *Sender {
	return &Sender{p, &http.Client{
		Timeout: attemptTime,
		Transport: &http.Transport{ // no proxy: it would connect where the policy does not look
			DialContext: p.Dialer(resolver).DialContext, TLSHandshakeTimeout: attemptTime, MaxResponseHeaderBytes: 16 << 10,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close closes the connections that wait for the next message.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// NewSecret returns a new secret, in the form of Standard Webhooks.
func NewSecret() string {
	key := make([]byte, secretBytes)
	rand.Read(key) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(key)
}

// Answer is what came of an attempt. Without an error it succeeded.
type Answer struct {
	Status     int // 0 without an answer
	Error      string
	RetryAfter time.Duration // that the receiver asks for
	Took       time.Duration
}

// Send posts a message once, signed with each secret of the target.
func (s *Sender) Send(ctx context.Context, to store.Target, id, body string) Answer {
	begin := time.Now()
	a := s.send(ctx, to, id, body, begin)
	a.Took = time.Since(begin)
	return a
}

func (s *Sender) send(ctx context.Context, to store.Target, id, body string, at time.Time) Answer {
	signature, err := sign(to, id, body, at)
	if err != nil {
		return Answer{Error: "the message cannot be signed: " + err.Error()}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, strings.NewReader(body))
	if err != nil {
		return Answer{Error: "the address cannot be read"}
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "foliocast-webhook", standardwebhooks.HeaderWebhookID: id,
		standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(at.Unix(), 10), standardwebhooks.HeaderWebhookSignature: signature,
	} {
		req.Header.Set(name, value)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return Answer{Error: reason(err)}
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // so that the connection can be used again
	a := Answer{Status: resp.StatusCode}
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		a.Error = fmt.Sprintf("it answered %d, and redirects are not followed", resp.StatusCode)
	default:
		a.Error, a.RetryAfter = fmt.Sprintf("it answered %d", resp.StatusCode), retryAfter(resp.Header.Get("Retry-After"), at)
	}
	return a
}

// sign signs a message with each secret of a target.
func sign(to store.Target, id, body string, at time.Time) (string, error) {
	secrets := []string{to.Secret}
	if to.Old != nil {
		secrets = append(secrets, *to.Old)
	}
	all := make([]string, len(secrets))
	for i, secret := range secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", err
		}
		if all[i], err = w.Sign(id, at, []byte(body)); err != nil {
			return "", err
		}
	}
	return strings.Join(all, " "), nil
}

// retryAfter reads the header Retry-After, a number of seconds or a time, up to a bound; 0 for none.
func retryAfter(text string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		wait = time.Duration(min(n, int64(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, maxRetryAfter))
}

// reason says why a request failed, without its address, which may be a secret.
func reason(err error) string {
	if refused, ok := errors.AsType[*egress.RefusedError](err); ok {
		return refused.Error()
	}
	if of, ok := errors.AsType[*url.Error](err); ok {
		if of.Timeout() {
			return fmt.Sprintf("it did not answer within %s", attemptTime)
		}
		err = of.Err
	}
	text := strings.ReplaceAll(err.Error(), "\x00", "") // which no database stores
	return strings.ToValidUTF8(text[:min(len(text), 300)], "")
}
