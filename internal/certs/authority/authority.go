// Package authority is a private certificate authority in one directory: it signs certificates for
// the services of one installation, which all who trust its own certificate trust.
package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"foliocast/internal/outfile"
)

// Life is how long the certificate of an authority is valid.
const Life = 10 * 365 * 24 * time.Hour

// early is how long before its begin a certificate is valid already, for machines whose clocks are
// slow.
const early = time.Hour

// Authority signs certificates.
type Authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// New returns an authority that is in no file.
func New(name string, now time.Time) (*Authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-early),
		NotAfter:              now.Add(Life),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true, // it signs no other authority
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	cert, err := sign(template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	return &Authority{cert, key}, nil
}

// CertPath is the file in dir with the certificate that others must trust.
func CertPath(dir string) string { return filepath.Join(dir, "ca.pem") }

func keyPath(dir string) string { return filepath.Join(dir, "ca.key") }

// Open reads the authority in dir, or makes one there of the given name when there is no key yet.
// Only its owner can read the key.
func Open(dir, name string, now time.Time) (a *Authority, made bool, err error) {
	key, err := os.ReadFile(keyPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		if a, err = New(name, now); err != nil {
			return nil, false, err
		}
		return a, true, a.save(dir)
	}
	if err != nil {
		return nil, false, err
	}
	cert, err := os.ReadFile(CertPath(dir))
	if err != nil {
		return nil, false, err
	}
	a, err = read(cert, key)
	if err != nil {
		return nil, false, fmt.Errorf("read the authority in %s: %w", dir, err)
	}
	return a, false, nil
}

func (a *Authority) save(dir string) error {
	if err := outfile.MakeDir(dir, 0o755); err != nil {
		return err
	}
	key, err := keyPEM(a.key)
	if err != nil {
		return err
	}
	// The key comes last: with it, the authority is complete.
	if err := outfile.Replace(CertPath(dir), a.PEM(), 0o644); err != nil {
		return err
	}
	return outfile.Replace(keyPath(dir), key, 0o600)
}

func read(cert, key []byte) (*Authority, error) {
	certBlock, _ := pem.Decode(cert)
	keyBlock, _ := pem.Decode(key)
	if certBlock == nil || keyBlock == nil {
		return nil, errors.New("a file is not PEM")
	}
	c, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return nil, err
	}
	k, err := x509.ParsePKCS8PrivateKey(keyBlock.Bytes)
	if err != nil {
		return nil, err
	}
	signer, ok := k.(*ecdsa.PrivateKey)
	if !ok || !signer.PublicKey.Equal(c.PublicKey) {
		return nil, errors.New("the key is not that of the certificate")
	}
	return &Authority{c, signer}, nil
}

// PEM is the certificate that others must trust.
func (a *Authority) PEM() []byte { return certPEM(a.cert) }

// NotAfter is when the authority ends.
func (a *Authority) NotAfter() time.Time { return a.cert.NotAfter }

// Signed reports whether the authority has signed a certificate.
func (a *Authority) Signed(cert *x509.Certificate) bool {
	return cert.CheckSignatureFrom(a.cert) == nil
}

// Host is what a certificate is for. It serves as that of a client, too.
type Host struct {
	Names     []string
	Addresses []net.IP
	Begin     time.Time
	Life      time.Duration // not beyond that of the authority
}

// Issue makes a key and a certificate for it, both as PEM.
func (a *Authority) Issue(h Host) (cert, key []byte, err error) {
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	end := h.Begin.Add(h.Life)
	if end.After(a.cert.NotAfter) {
		end = a.cert.NotAfter
	}
	template := &x509.Certificate{
		NotBefore:   h.Begin.Add(-early),
		NotAfter:    end,
		DNSNames:    h.Names,
		IPAddresses: h.Addresses,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if len(h.Names) > 0 {
		template.Subject = pkix.Name{CommonName: h.Names[0]}
	}
	signed, err := sign(template, a.cert, own.Public(), a.key)
	if err != nil {
		return nil, nil, err
	}
	key, err = keyPEM(own)
	return certPEM(signed), key, err
}

func sign(template, parent *x509.Certificate, public crypto.PublicKey, by crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, by)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func certPEM(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

func keyPEM(key crypto.Signer) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
