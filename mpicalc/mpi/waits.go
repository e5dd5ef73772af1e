package mpi

/*
#include "native_message.h"

#cgo noescape native_waitall
#cgo nocallback native_waitall
#cgo noescape native_waitsome
#cgo nocallback native_waitsome
#cgo noescape native_waitany
#cgo nocallback native_waitany
*/
import "C"

import (
	"errors"
	"unsafe"
)

// scratch is memory for one call, kept so that calls do not allocate.
type scratch struct {
	send, recv blocks
	stage      C.native_handle // for a short message, or 0
	fresh      []Request       // not yet given out

	open     []*Request // those of the caller's that are not done
	news     []int      // places of those that are, which the caller does not know
	handles  []C.native_request
	outcomes []C.native_outcome
	indices  []C.int
	places   []int // of open in the caller's slice
}

// request is a new request. They are made several at a time, which is faster.
func (s *scratch) request() *Request {
	if len(s.fresh) == 0 {
		s.fresh = make([]Request, 16)
	}
	r := &s.fresh[0]
	s.fresh = s.fresh[1:]
	return r
}

// Waitall returns when all requests are done (MPI 3.1, section 3.7.5), with their
// errors joined; each request has its own as well, which Wait returns again. They may
// be of different communicators; a nil request is an error, one that is done already
// is not.
func Waitall(requests ...*Request) error {
	_, err := all("Waitall", requests, true)
	return err
}

// Testall is Waitall without waiting: it reports whether all requests are done, with the
// errors of those that are. It need not be called again for those.
func Testall(requests ...*Request) (done bool, err error) { return all("Testall", requests, false) }

func all(op string, requests []*Request, wait bool) (done bool, err error) {
	p, err := open(op, requests)
	if p == nil || err != nil {
		return err == nil, err
	}
	defer p.close()
	s := &p.scratch
	if n := len(s.open); n > 0 {
		C.native_waitall(C.int(n), unsafe.SliceData(s.handles), boolean(wait), unsafe.SliceData(s.outcomes))
	}
	for i := range s.open {
		s.settle(op, i)
	}
	done = true
	for _, r := range requests {
		done, r.told = done && r.done, r.done
		if r.err != nil {
			err = errors.Join(err, r.err)
		}
	}
	return done, err
}

// Waitany returns when one of the requests is done that was not done before, with its
// place among them and its error (MPI 3.1, section 3.7.5). When all were done before,
// the place is -1.
func Waitany(requests ...*Request) (place int, err error) {
	place, _, err = one("Waitany", requests, true)
	return place, err
}

// Testany is Waitany without waiting: done is false, and the place -1, when no further
// request is done. When all were done before, done is true and the place -1.
func Testany(requests ...*Request) (place int, done bool, err error) {
	return one("Testany", requests, false)
}

func one(op string, requests []*Request, wait bool) (place int, done bool, err error) {
	p, err := open(op, requests)
	if p == nil || err != nil {
		return -1, err == nil, err
	}
	defer p.close()
	s := &p.scratch
	if len(s.news) > 0 {
		place = s.news[0]
		requests[place].told = true
		return place, true, requests[place].err
	}
	if len(s.open) == 0 {
		return -1, true, nil
	}
	var i, flag C.int = C.MPI_UNDEFINED, 0
	var native C.native_status
	code := C.native_waitany(C.int(len(s.open)), unsafe.SliceData(s.handles), boolean(wait), &i, &flag, &native)
	err = check(op, code)
	if err == nil && flag == 0 {
		return -1, false, nil
	}
	if i < 0 || int(i) >= len(s.open) {
		return -1, err == nil, err
	}
	r := s.open[i]
	r.handle = s.handles[i]
	r.finish(native, err)
	return s.places[i], true, r.err
}

// Waitsome returns when at least one of the requests is done that was not done before,
// with the places of all such requests and their errors joined (MPI 3.1, section
// 3.7.5). When all were done before, there are no places.
func Waitsome(requests ...*Request) (places []int, err error) {
	return some("Waitsome", requests, true)
}

// Testsome is Waitsome without waiting; there may be no places.
func Testsome(requests ...*Request) (places []int, err error) {
	return some("Testsome", requests, false)
}

func some(op string, requests []*Request, wait bool) (places []int, err error) {
	p, err := open(op, requests)
	if p == nil || err != nil {
		return nil, err
	}
	defer p.close()
	s := &p.scratch
	for _, place := range s.news {
		requests[place].told = true
		places, err = append(places, place), errors.Join(err, requests[place].err)
	}
	wait = wait && len(places) == 0
	if len(s.open) == 0 {
		return places, err
	}
	s.indices = append(s.indices[:0], make([]C.int, len(s.open))...)
	var n C.int
	code := C.native_waitsome(C.int(len(s.open)), unsafe.SliceData(s.handles), boolean(wait), &n,
		unsafe.SliceData(s.indices), unsafe.SliceData(s.outcomes))
	if err := check(op, code); err != nil {
		return places, err
	}
	for _, i := range s.indices[:max(n, 0)] {
		s.settle(op, int(i))
		if r := s.open[i]; r.done {
			places = append(places, s.places[i])
			err = errors.Join(err, r.err)
		}
	}
	return places, err
}

// open enters MPI and lists the requests that are not done; close ends both. Without
// requests there is no process, and nothing to close.
func open(op string, requests []*Request) (*Process, error) {
	if len(requests) == 0 {
		return nil, nil
	}
	for i, r := range requests {
		if r == nil || r.process == nil {
			return nil, refuse(op, ErrRequest, "request %d is nil", i)
		}
	}
	p := requests[0].process
	if err := p.enter(op); err != nil {
		return nil, err
	}
	s := &p.scratch
	for i, r := range requests {
		if r.done {
			if !r.told {
				s.news = append(s.news, i)
			}
			continue
		}
		if r.named {
			p.close()
			return nil, refuse(op, ErrRequest, "request %d is named twice", i)
		}
		r.named = true
		s.open, s.places = append(s.open, r), append(s.places, i)
		s.handles = append(s.handles, r.handle)
		s.outcomes = append(s.outcomes, C.native_outcome{code: boolean(r.receives)})
	}
	return p, nil
}

func (p *Process) close() {
	s := &p.scratch
	for _, r := range s.open {
		r.named = false
	}
	clear(s.open)
	s.open, s.news, s.places = s.open[:0], s.news[:0], s.places[:0]
	s.handles, s.outcomes = s.handles[:0], s.outcomes[:0]
	p.leave()
}

// settle notes how request i of those open ended, if it has.
func (s *scratch) settle(op string, i int) {
	r, out := s.open[i], &s.outcomes[i]
	r.handle = s.handles[i]
	if out.code != C.native_pending {
		r.finish(out.status, check(op, out.code))
	}
}

// boolean is MPI's form of a truth value.
func boolean(b bool) C.int {
	if b {
		return 1
	}
	return 0
}
