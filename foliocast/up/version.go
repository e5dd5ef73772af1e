package up

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"foliocast/internal/cli"
)

// checkVersions returns an error that names each program whose version differs from
// want, the supervisor's own: a part of another version may misread what the others
// write. Builds of a developer agree with every version.
func (p *programs) checkVersions(ctx context.Context, want string) error {
	if cli.Development(want) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyTime)
	defer cancel()
	paths := []string{p.authsvc, p.queue, p.frontend, p.mpicalc}
	faults := make([]error, len(paths))
	var asking sync.WaitGroup
	for i, path := range paths {
		if path != "" {
			asking.Go(func() { faults[i] = checkVersion(ctx, path, want) })
		}
	}
	asking.Wait()
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("%w\ninstall all five programs together, or run make build", err)
	}
	return nil
}

// checkVersion asks a program for its version: it prints NAME version VERSION.
func checkVersion(ctx context.Context, path, want string) error {
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return fmt.Errorf("%s does not say its version: %w", path, err)
	}
	name := filepath.Base(path)
	got, ok := strings.CutPrefix(strings.TrimSpace(string(out)), name+" version ")
	switch {
	case !ok:
		return fmt.Errorf("%s is not the program %s of Foliocast", path, name)
	case got != want && !cli.Development(got):
		return fmt.Errorf("%s is version %s, and this foliocast is version %s", path, got, want)
	}
	return nil
}
