package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"foliocast/internal/problem"
)

// The words of a token exchange (RFC 8693).
const (
	ExchangeGrant   = "urn:ietf:params:oauth:grant-type:token-exchange"
	AccessTokenType = "urn:ietf:params:oauth:token-type:access_token"
)

// TokenPath is where the identity service exchanges tokens.
const TokenPath = "/v1/token"

// Exchange returns an access token that stands for a personal one. The error is a
// *BadToken when the personal token has ended or never was, and another one when that is
// not known.
type Exchange func(ctx context.Context, personal string) (access string, err error)

// NotIssued returns the error for a personal token that is not, or no longer, valid.
func NotIssued() *BadToken {
	return &BadToken{Reason: "was never issued, has expired, or was ended", personal: true}
}

const (
	exchangeTimeout = 3 * time.Second
	maxExchange     = 64 << 10 // bytes of an answer
)

// remoteExchange asks the identity service at base, for a token for one service.
func remoteExchange(base string, transport http.RoundTripper, to Audience) Exchange {
	address := strings.TrimRight(base, "/") + TokenPath
	client := &http.Client{Transport: transport, Timeout: exchangeTimeout, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the identity service points to another address, which gets no token")
	}}
	return func(ctx context.Context, personal string) (string, error) {
		form := url.Values{"grant_type": {ExchangeGrant}, "subject_token": {personal}, "subject_token_type": {AccessTokenType}, "resource": {string(to)}}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
		if err != nil {
			return "", err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		if err != nil {
			return "", problem.Reason(err)
		}
		defer resp.Body.Close()
		return readExchange(resp)
	}
}

// readExchange reads the answer to an exchange.
func readExchange(resp *http.Response) (string, error) {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxExchange))
	if err != nil {
		return "", err
	}
	var answer struct {
		Access string `json:"access_token"`
		Error  string `json:"error"`
	}
	_ = json.Unmarshal(text, &answer) // what is no JSON has neither
	switch {
	case resp.StatusCode == http.StatusOK && answer.Access != "":
		return answer.Access, nil
	case resp.StatusCode == http.StatusBadRequest && answer.Error == "invalid_request": // RFC 8693, section 2.2.2
		return "", NotIssued()
	}
	return "", fmt.Errorf("the identity service answers an exchange with %d %s", resp.StatusCode, answer.Error)
}
