package drill

import "time"

// Settings are what may be switched off, or made shorter.
type Settings struct {
	PolicyOff bool
	Stall     time.Duration // 0: as in production
}

// Option changes the settings.
type Option func(*Settings)
