package foliocast

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"foliocast/internal/texttable"
)

// secret reads a password: the first line of standard input, or what a person
// types without an echo.
func (a *app) secret(ctx context.Context, prompt string, stdin bool) (string, error) {
	if stdin {
		return firstLine(a.stdin(ctx))
	}
	if !terminal(a.in) {
		return "", usagef("standard input is not a terminal: give the password with --password-stdin")
	}
	fmt.Fprint(a.err, texttable.Printable(prompt))
	defer line(a.err, "")
	fd := int(a.in.(*os.File).Fd())
	shown, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	typed, err := until(ctx, func() ([]byte, error) { return term.ReadPassword(fd) })
	if ctx.Err() != nil {
		_ = term.Restore(fd, shown) // the reader still waits, and has turned the echo off
	}
	return string(typed), err
}

// ask reads a line that a person types.
func (a *app) ask(ctx context.Context, prompt string) (string, error) {
	fmt.Fprint(a.err, texttable.Printable(prompt))
	return firstLine(a.stdin(ctx))
}

// firstLine reads one line of at most 1000 bytes, without its end.
func firstLine(r io.Reader) (string, error) {
	text, err := bufio.NewReader(io.LimitReader(r, 1000)).ReadString('\n')
	text = strings.TrimRight(text, "\r\n")
	if text == "" {
		if err == nil || errors.Is(err, io.EOF) {
			return "", usagef("standard input is empty")
		}
		return "", err
	}
	return text, nil
}

// stdin is standard input for as long as ctx lasts: a read that waits for a
// person ends with an interrupt.
func (a *app) stdin(ctx context.Context) io.Reader { return interruptible{ctx, a.in} }

type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i interruptible) Read(p []byte) (int, error) {
	text, err := until(i.ctx, func() ([]byte, error) {
		own := make([]byte, len(p)) // p is the caller's again after an interrupt
		n, err := i.r.Read(own)
		return own[:n], err
	})
	return copy(p, text), err
}

// until calls do, which cannot be interrupted, and no longer waits for it when
// ctx ends.
func until[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type outcome struct {
		v   T
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		v, err := do()
		done <- outcome{v, err}
	}()
	select {
	case o := <-done:
		return o.v, o.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
