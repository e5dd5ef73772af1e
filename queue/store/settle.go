package store

import (
	"math"
	"math/rand/v2"
	"time"

	"foliocast/queue/message"
)

// held is what decides what happens to a message in flight.
type held struct {
	ID              message.ID
	Token           message.Token // the greatest that was given
	Settled         message.Token // the greatest that was given back or can no longer be used
	Attempts        int
	Revision        int
	CancelRequested bool
	Leased          bool // false: it waits; its last lease may have expired unseen by its holder
	Holder          account
	Key             string
	Until           *time.Time // when the lease expires
}

// seen is how a message ended.
type seen struct {
	Token    message.Token
	ByHolder bool
	Outcome  message.Outcome
	Holder   account
}

// move is what happens to a message: it ends, or it goes back to its queue.
type move struct {
	ID       message.ID
	Key      string
	Outcome  message.Outcome // "" on the way back
	Result   *string         // of an end
	Parts    int             // of an end
	Error    *string         // on the way back, nil keeps the last one
	ByHolder bool            // whether the holder of the token asked for it
	Attempts int             // so far
	Lost     bool            // whether the lease expired
	BackOff  time.Duration   // on the way back
	Token    message.Token   // the greatest, whose parts an end keeps
}

// complete decides what a completion does to a message in flight. A nil move
// changes nothing.
func (p Policy) complete(h held, c message.Completion) (message.Verdict, *move) {
	if c.Token != h.Token {
		return message.Stale, nil
	}
	if h.Settled >= c.Token {
		// An error that is repeated, because its first answer was lost, is
		// accepted; anything else is too late.
		if c.Error != "" && !h.Leased {
			return message.Accepted, nil
		}
		return message.Stale, nil
	}
	m := &move{ID: h.ID, Key: h.Key, Token: h.Token, ByHolder: true, Attempts: h.Attempts}
	if c.Error == "" {
		m.Outcome, m.Parts = message.Completed, c.Parts
		if c.Result != nil {
			text := string(c.Result)
			m.Result = &text
		}
		return message.Accepted, m
	}
	m.Error = &c.Error
	if h.Leased {
		m.Attempts++
	}
	switch {
	case h.CancelRequested:
		m.Outcome = message.Cancelled
	case !c.Retryable:
		m.Outcome = message.Failed
	case m.Attempts >= p.MaxAttempts:
		m.Outcome = message.Dead
	default:
		m.BackOff = p.backOff(m.Attempts, rand.Float64())
	}
	return message.Accepted, m
}

// release decides what returning a lease does to a message in flight.
func (p Policy) release(h held, token message.Token) (message.Verdict, *move) {
	switch {
	case token != h.Token:
		return message.Stale, nil
	case h.Settled >= token:
		return message.Accepted, nil
	}
	m := &move{ID: h.ID, Key: h.Key, Token: h.Token, ByHolder: true, Attempts: h.Attempts}
	if h.CancelRequested {
		m.Outcome, m.Error = message.Cancelled, text(cancelledError)
	}
	return message.Accepted, m
}

// Errors of a message that come from the service itself.
const (
	cancelledError = "cancelled by its producer"
	expiredError   = "lease expired: its worker did not renew it in time"
	orphanedError  = "lease lost: its worker died"
)

// lose decides what happens to a message that loses its lease for a reason.
func (p Policy) lose(h held, reason string) *move {
	m := &move{ID: h.ID, Key: h.Key, Token: h.Token, Attempts: h.Attempts + 1, Lost: true, Error: &reason}
	switch {
	case h.CancelRequested:
		m.Outcome, m.Error = message.Cancelled, text(cancelledError)
	case m.Attempts >= p.MaxAttempts:
		m.Outcome = message.Dead
	}
	return m
}

// repeat decides about a call on a message that has ended. The call may be a
// repetition of the one that ended the message, because its answer was lost.
func (s seen) repeat(token message.Token, failed bool) message.Verdict {
	if s.ByHolder && s.Token == token && failed == (s.Outcome != message.Completed) {
		return message.Accepted
	}
	return message.Stale
}

// backOff returns the wait after a number of attempts. It doubles with each attempt;
// a random factor between a half and one keeps messages that failed together from
// coming back together. The jitter is in [0, 1).
func (p Policy) backOff(attempts int, jitter float64) time.Duration {
	whole := math.Min(float64(p.BackOff)*math.Exp2(float64(attempts-1)), float64(p.MaxBackOff))
	return time.Duration(whole * (0.5 + jitter/2))
}

func text(s string) *string { return &s }
