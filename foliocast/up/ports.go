package up

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"syscall"
)

// Ports are the services' TCP ports.
type Ports struct {
	Auth, Queue, Frontend int
}

// DefaultPorts returns the ports that clients expect.
func DefaultPorts() Ports { return Ports{Auth: 5000, Queue: 7500, Frontend: 8080} }

// PortsFrom returns base for the identity service, base+1 for the queue and base+2
// for the data service.
func PortsFrom(base int) Ports { return Ports{Auth: base, Queue: base + 1, Frontend: base + 2} }

// FreePorts returns three consecutive ports that no program listened on a moment ago.
func FreePorts() (Ports, error) {
	base, err := freePorts(3)
	return PortsFrom(base), err
}

// Free ports are below those that the kernel gives to clients, so that no outgoing
// connection takes one before its program listens.
const (
	lowestFree  = 10000
	highestFree = 32000
)

// freePorts finds n consecutive free ports and returns the first.
func freePorts(n int) (int, error) {
	var last error
	for range 100 {
		base := lowestFree + rand.IntN(highestFree-lowestFree-n)
		if last = listenable(base, n); last == nil {
			return base, nil
		}
	}
	return 0, fmt.Errorf("find %d free ports: %w", n, last)
}

func listenable(base, n int) error {
	for port := base; port < base+n; port++ {
		l, err := net.Listen("tcp", address(port))
		if err != nil {
			return err
		}
		l.Close()
	}
	return nil
}

func (p Ports) each(visit func(service string, port int) error) error {
	return errors.Join(visit("authsvc", p.Auth), visit("queue", p.Queue), visit("frontend", p.Frontend))
}

func (p Ports) check() error {
	return p.each(func(service string, port int) error {
		if port < 1 || port > 65535 {
			return fmt.Errorf("the port of %s must be 1 to 65535, is %d", service, port)
		}
		return nil
	})
}

// listen listens on each port at a host, which is empty for all addresses of this machine, under
// the name of its service, for as long as the services come and go: callers wait while one is started again, and are not refused.
// The error says which ports are taken, and how to use others.
func (p Ports) listen(host string) (map[string]*os.File, error) {
	sockets := map[string]*os.File{}
	err := p.each(func(service string, port int) error {
		socket, err := listenOn(net.JoinHostPort(host, strconv.Itoa(port)))
		switch {
		case err == nil:
			sockets[service] = socket
			return nil
		case errors.Is(err, syscall.EADDRINUSE):
			return fmt.Errorf("port %d of %s is in use by another program", port, service)
		default:
			return fmt.Errorf("port %d of %s cannot be used: %w", port, service, err)
		}
	})
	if err != nil {
		for _, socket := range sockets {
			socket.Close()
		}
		return nil, fmt.Errorf("%w\nchoose other ports with --port-base N: it uses N, N+1 and N+2", err)
	}
	return sockets, nil
}

// listenOn returns a listening socket as a file, which a process can inherit.
func listenOn(address string) (*os.File, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	defer l.Close() // the file has a copy
	return l.(*net.TCPListener).File()
}

// loopback is the address at which the parts reach each other, unless the services listen on another one.
const loopback = "127.0.0.1"

func address(port int) string { return net.JoinHostPort(loopback, strconv.Itoa(port)) }

// url is where a service answers on this machine.
func (c *Cluster) url(port int) string {
	scheme, host := "http", c.config.Listen
	if c.config.secure() {
		scheme = "https"
	}
	if net.ParseIP(host).IsUnspecified() {
		host = loopback
	}
	return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(port))
}
