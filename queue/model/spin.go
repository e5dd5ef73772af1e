package model

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed *.pml replay.h
var sources embed.FS

// verifier is a model, compiled for one search, in a folder of its own.
type verifier struct {
	dir    string
	model  string
	macros []string
}

// compile makes a verifier of a model with the macros, in a folder that exists; options are
// gcc's.
func compile(ctx context.Context, dir, model string, macros []string, options ...string) (verifier, error) {
	v := verifier{dir: dir, model: model}
	for _, m := range macros {
		v.macros = append(v.macros, "-D"+m)
	}
	if err := os.CopyFS(dir, sources); err != nil {
		return v, err
	}
	if _, err := v.run(ctx, "spin", append(append([]string{"-a"}, v.macros...), model)...); err != nil {
		return v, err
	}
	_, err := v.run(ctx, "gcc", append(options, "-w", "-DVECTORSZ=2048", "-o", "pan", "pan.c")...)
	return v, err
}

// run runs a program in the verifier's folder, and returns what it writes.
func (v verifier) run(ctx context.Context, name string, args ...string) (string, error) {
	if strings.HasPrefix(name, "./") {
		name = filepath.Join(v.dir, name)
	}
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = v.dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

var clean = regexp.MustCompile(`errors: 0\b`)

// exhausted returns an error unless what a search wrote says that it went through all
// states, and found nothing wrong in them.
func exhausted(out string) error {
	for _, bad := range []string{"max search depth too small", "Search not completed", "out of memory", "VECTORSZ"} {
		if strings.Contains(out, bad) {
			return fmt.Errorf("the search is not complete:\n%s", out)
		}
	}
	if !clean.MatchString(out) {
		return fmt.Errorf("an error was found:\n%s", out)
	}
	return nil
}
