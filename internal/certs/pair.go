package certs

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	lookEvery = time.Second        // at most, at the files
	soon      = 7 * 24 * time.Hour // before the end of a certificate
	warnEvery = 24 * time.Hour     // about that
)

// pair is a certificate and its key in two files, which are read again when they change. Safe
// for concurrent use.
type pair struct {
	cert, key string
	log       *slog.Logger
	now       func() time.Time

	mu      sync.Mutex
	looked  time.Time
	read    [2][]byte // what the files had
	current *tls.Certificate
	warned  time.Time // that it ends soon
}

// open reads a pair for the first time. Without a log, nothing is said of later ones.
func open(cert, key string, log *slog.Logger) (*pair, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p := &pair{cert: cert, key: key, log: log, now: time.Now}
	p.looked = p.now()
	if _, err := p.load(); err != nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	return p, nil
}

// get returns the certificate for one more connection. When the files have changed it is the new
// one, unless that cannot be used.
func (p *pair) get() *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if since := now.Sub(p.looked); since < 0 || since >= lookEvery {
		p.looked = now
		switch changed, err := p.load(); {
		case err != nil && changed:
			p.log.Error("the new certificate cannot be used: the one before stays", "file", p.cert, "err", err)
		case changed:
			p.log.Info("new certificate", "file", p.cert, "until", p.current.Leaf.NotAfter)
		}
	}
	if left := p.current.Leaf.NotAfter.Sub(now); left < soon && now.Sub(p.warned) >= warnEvery {
		p.warned = now
		p.log.Warn("the certificate ends soon: replace it", "file", p.cert, "until", p.current.Leaf.NotAfter)
	}
	return p.current
}

// load reads the files and takes what they have, unless an error says why not. It reports whether
// that is something else than before.
func (p *pair) load() (changed bool, err error) {
	var read [2][]byte
	for i, path := range []string{p.cert, p.key} {
		if read[i], err = os.ReadFile(path); err != nil {
			read[i] = []byte(err.Error()) // the same error again is no change
			break
		}
	}
	changed = !bytes.Equal(read[0], p.read[0]) || !bytes.Equal(read[1], p.read[1])
	p.read = read
	if err != nil || !changed {
		return changed, err
	}
	if err := private(p.key); err != nil {
		return true, err
	}
	cert, err := tls.X509KeyPair(read[0], read[1])
	if err != nil {
		return true, fmt.Errorf("%s and %s: %w", p.cert, p.key, err)
	}
	if now := p.now(); now.After(cert.Leaf.NotAfter) {
		return true, fmt.Errorf("%s has expired: it was valid until %s", p.cert, cert.Leaf.NotAfter.Format(time.RFC3339))
	}
	p.current = &cert
	return true, nil
}

// private refuses a key that everybody can read.
func private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o007 != 0 {
		return errors.New("everybody on this machine has access to the key " + path + ": chmod o= " + path)
	}
	return nil
}
