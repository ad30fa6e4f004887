package drill

// Settings are what may be switched off.
type Settings struct {
	PolicyOff bool
}

// Option changes the settings.
type Option func(*Settings)
