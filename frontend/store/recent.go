package store

import (
	"context"
	"slices"
	"strconv"
	"sync"
)

// maxRecent is the size of the cache.
const maxRecent = 1000

// recent caches versions, which never change, and for each dataset the version that
// was the newest when it was read.
type recent struct {
	mu       sync.Mutex
	versions map[string]Version // by name@version, and by name for the newest
}

func recentKey(name string, version int) string {
	if version == 0 {
		return name
	}
	return name + "@" + strconv.Itoa(version)
}

func (r *recent) get(key string) (Version, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok := r.versions[key]
	return v, ok
}

// put keeps a version, without the audits of its further columns, which take more room than all the rest.
func (r *recent) put(key string, v Version) {
	v.Further = slices.Clone(v.Further)
	for i := range v.Further {
		v.Further[i].Audit = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.versions) >= maxRecent {
		clear(r.versions)
	}
	if r.versions == nil {
		r.versions = map[string]Version{}
	}
	r.versions[key] = v
}

func (r *recent) forget(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.versions, key)
}

// RecentVersion is like Version, but uses the cache. A cached newest version
// may be out of date: CreateJob checks that. Its further columns may lack their audits.
func (s *Store) RecentVersion(ctx context.Context, name string, version int) (Version, error) {
	if v, ok := s.recent.get(recentKey(name, version)); ok {
		return v, nil
	}
	return s.Version(ctx, name, version)
}

// ForgetNewest makes the next RecentVersion look up which version of a dataset is
// the newest.
func (s *Store) ForgetNewest(name string) { s.recent.forget(recentKey(name, 0)) }
