package tlsconf

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"time"
)

// watched is what a set of files holds, read again when one of them changes. It
// is safe for concurrent use.
type watched[T any] struct {
	paths   []string
	read    func() (T, error)
	onError func(error)

	mu      sync.Mutex
	stamps  []stamp
	current T
}

// stamp tells whether a file has changed.
type stamp struct {
	modified time.Time
	size     int64
}

// watch reads the files for the first time. onError hears of later faults; the
// last good content stays in force.
func watch[T any](paths []string, read func() (T, error), onError func(error)) (*watched[T], error) {
	w := &watched[T]{paths: paths, read: read, onError: onError}
	var err error
	if w.stamps, err = w.look(); err != nil {
		return nil, fmt.Errorf("tlsconf: %w", err)
	}
	if w.current, err = read(); err != nil {
		return nil, fmt.Errorf("tlsconf: %w", err)
	}
	return w, nil
}

// get gives what is in force, after a look whether the files changed. It is asked
// once for each handshake, which costs far more than a few stats.
func (w *watched[T]) get() T {
	w.mu.Lock()
	defer w.mu.Unlock()
	stamps, err := w.look()
	if err == nil && slices.Equal(stamps, w.stamps) {
		return w.current
	}
	var fresh T
	if err == nil {
		fresh, err = w.read()
	}
	if err != nil {
		// A renewal may be half written: the next handshake looks again.
		w.onError(fmt.Errorf("tlsconf: reload: %w", err))
		return w.current
	}
	w.stamps, w.current = stamps, fresh
	return fresh
}

func (w *watched[T]) look() ([]stamp, error) {
	var stamps []stamp
	for _, path := range w.paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, stamp{info.ModTime(), info.Size()})
	}
	return stamps, nil
}
