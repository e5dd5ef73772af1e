package problem

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Insecure is the error of a connection over TLS that one of its sides refused. Its text is one
// sentence.
type Insecure struct {
	why string
	err error
}

func (i *Insecure) Error() string { return i.why }

// Unwrap returns the error of TLS.
func (i *Insecure) Unwrap() error { return i.err }

// Reason says why a request over HTTP got no answer, without its method and address.
func Reason(err error) error {
	if why := insecure(err); why != "" {
		return &Insecure{why, err}
	}
	return rootCause(err)
}

// insecure says in one sentence why a connection over TLS was refused, by this side or by the
// other; "" when err is something else.
func insecure(err error) string {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "its certificate is from an authority that this program does not trust: name a file with that authority, as FOLIOCAST_TLS_CA_FILE or --ca-file, if it is the right one"
	}
	if name, ok := errors.AsType[x509.HostnameError](err); ok {
		return fmt.Sprintf("its certificate is not for %s: use one of the names that it is for, or make a certificate for this one", name.Host)
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired && invalid.Cert != nil {
			return fmt.Sprintf("its certificate is valid from %s until %s, and now it is %s", invalid.Cert.NotBefore.UTC().Format(time.RFC3339),
				invalid.Cert.NotAfter.UTC().Format(time.RFC3339), time.Now().UTC().Format(time.RFC3339))
		}
		return fmt.Sprintf("its certificate is invalid: %v", invalid)
	}
	if verification, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return fmt.Sprintf("its certificate is invalid: %v", verification.Err)
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return fmt.Sprintf("it refused the connection over TLS, as when it asks for a certificate that this program does not show: %v", op.Err)
	}
	if ended(err) {
		return fmt.Sprintf("it ended the connection over TLS, as when it stops, or asks for a certificate that this program does not show: %v", rootCause(err))
	}
	if _, other := errors.AsType[tls.RecordHeaderError](err); other || errors.Is(err, http.ErrSchemeMismatch) {
		return "it does not speak TLS there: an address without TLS begins with http://"
	}
	return ""
}

// ended reports whether the other side of a connection over TLS has closed it before it answered.
// In TLS 1.3 a client that shows no certificate writes before it reads that it is refused, and may
// come to see no more than this. net/http has an error of its own for it, which wraps no cause.
func ended(err error) bool {
	request, ok := errors.AsType[*url.Error](err)
	return ok && strings.HasPrefix(request.URL, "https:") &&
		(errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || rootCause(err).Error() == "http2: client conn could not be established")
}
