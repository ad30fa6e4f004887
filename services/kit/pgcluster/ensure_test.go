package pgcluster

import (
	"context"
	"errors"
	"io"
	"testing"
)

func TestEnsure(t *testing.T) {
	tooOld, noNetwork := errors.New("too old"), errors.New("no network")
	for name, tt := range map[string]struct {
		before, install, after error
		installs               bool
		want                   error
	}{
		"there already":          {nil, nil, nil, false, nil},
		"missing, installed":     {ErrNoBinaries, nil, nil, true, nil},
		"missing, fails":         {ErrNoBinaries, noNetwork, nil, true, noNetwork},
		"still missing":          {ErrNoBinaries, nil, ErrNoBinaries, true, ErrNoBinaries},
		"too old is not touched": {tooOld, nil, nil, false, tooOld},
	} {
		t.Run(name, func(t *testing.T) {
			installs := 0
			err := ensure(t.Context(), io.Discard,
				func(context.Context) (string, error) {
					if installs > 0 {
						return "", tt.after
					}
					return "", tt.before
				},
				func(context.Context, io.Writer) error { installs++; return tt.install })
			if !errors.Is(err, tt.want) || (tt.want == nil) != (err == nil) || (installs == 1) != tt.installs {
				t.Errorf("got error %v after %d installs, want %v, install %v", err, installs, tt.want, tt.installs)
			}
		})
	}
}
