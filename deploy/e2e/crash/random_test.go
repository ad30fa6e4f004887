package crash_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/xunshi/xunshi/deploy/devstack/demo"
	"github.com/xunshi/xunshi/deploy/devstack/stack"
	"github.com/xunshi/xunshi/deploy/devstack/virtualclock"
)

// kills is how often the test below kills.
const kills = 12

// All three services are killed at random moments, alone and together, while the
// demo plays the life of counties and the office changes a group. Whoever writes
// repeats what found no answer, and in the end all books agree.
func TestRandomKillsLoseAndDoubleNothing(t *testing.T) {
	s := start(t)
	p := newPeople(t, s)
	drawn := *seed
	if drawn == 0 {
		drawn = rand.Uint64()
	}
	t.Logf("repeat with -seed %d", drawn)
	random := rand.New(rand.NewPCG(drawn, 0))
	g := newGroup(t, s, p, 400, "510105", "510106")

	killing, quiet := context.WithCancel(t.Context())
	defer quiet()
	lives, changes := make(chan error, 1), make(chan error, 1)
	go func() { lives <- s.live(t, p, killing) }()
	go func() { changes <- g.change(killing) }()
	for range kills {
		if random.IntN(4) > 0 { // else they may die before they are up
			s.serving(t)
		}
		time.Sleep(time.Duration(random.IntN(800)) * time.Millisecond)
		names := stack.Names()
		random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		s.kill(t, names[:1+random.IntN(len(names))]...)
	}
	quiet()
	for _, writers := range []chan error{lives, changes} {
		if err := <-writers; err != nil {
			t.Error(err)
		}
	}
	if _, repeats := p.acknowledged(); repeats == 0 {
		t.Error("nobody felt the kills")
	}
	s.checkBooks(t, p)
}

// live plays one county after the other while the killing goes on.
func (s *system) live(t *testing.T, p *people, killing context.Context) error {
	clock := virtualclock.At(stack.ClockFile(s.dir))
	for {
		var told bytes.Buffer
		err := demo.Run(t.Context(), demo.Stage{
			Gateway: p.url,
			// Days lie between two acts of the play: by then everybody has learned
			// what happened, whoever was killed meanwhile.
			SetTime: func(at time.Time) error {
				if err := s.drained(t, time.Now()); err != nil {
					return err
				}
				return clock.Set(at)
			},
			Token:    stack.RemoteIssuer(s.issuer),
			Patience: 2 * time.Minute,
		}, &told)
		if err != nil {
			return fmt.Errorf("%w, after\n%s", err, told.String())
		}
		if killing.Err() != nil {
			return nil
		}
	}
}

// change takes members out while the killing goes on, two tasks and two
// receivers each time.
func (g *group) change(killing context.Context) error {
	for killing.Err() == nil {
		if more, err := g.takeOut(); err != nil || !more {
			return err
		}
	}
	return nil
}
