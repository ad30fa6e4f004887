package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// Stage is where the play is given: a running devstack.
type Stage struct {
	Gateway string                // URL of the REST edge
	SetTime func(time.Time) error // moves the virtual clock
	// Token signs a person in for a party and a jurisdiction.
	Token func(ctx context.Context, subject, party, jurisdiction string) (string, error)
	// Patience is how long a step waits for its answer or for what another service
	// announces; zero means half a minute.
	Patience time.Duration
}

// province is the province of the play, Sichuan.
const province = "provinces/51"

// actor is a person acting for a body.
type actor struct {
	label string
	token string
}

// play is one performance.
type play struct {
	stage Stage
	out   io.Writer
	http  *http.Client
	run   string // makes numbers and names of this performance unique
	today string
	step  int

	office, leadingGroup, leader, member, city, county, discipline, otherCounty actor

	countyName, cityName, countyLabel                              string
	term, group, batch, inspection, caseFile, report, feedback, re object
}

// Run gives the play and reports its first difference from the regulation.
func Run(ctx context.Context, stage Stage, out io.Writer) error {
	stage.Patience = cmp.Or(stage.Patience, 30*time.Second)
	p := &play{stage: stage, out: out, http: &http.Client{Timeout: stage.Patience}, run: uuid.NewString()[:8]}
	for _, act := range []func(context.Context) error{
		p.cast, p.planning, p.notice, p.onSite, p.reporting, p.feedingBack, p.watching, p.makingPlan, p.rectifying, p.closing, p.accounted,
	} {
		if err := act(ctx); err != nil {
			return fmt.Errorf("demo stopped after step %d: %w", p.step, err)
		}
	}
	fmt.Fprintln(out, "\nThe inspection is closed: every step was what the regulation wants.")
	return nil
}

// setDay moves the virtual clock to nine in the morning, Beijing time.
func (p *play) setDay(year, month, day int) error {
	at := time.Date(year, time.Month(month), day, 9, 0, 0, 0, time.FixedZone("Asia/Shanghai", 8*60*60))
	p.today = at.Format(time.DateOnly)
	return p.stage.SetTime(at)
}

// tell prints a step.
func (p *play) tell(who actor, article, format string, args ...any) {
	p.step++
	fmt.Fprintf(p.out, "%2d  %s  %-26s art. %-7s %s\n", p.step, p.today, who.label, article, fmt.Sprintf(format, args...))
}

// refused wants a refusal with this code, reason and article, and prints it.
func (p *play) refused(ctx context.Context, who actor, code int, reason, article, verb, path, etag string, body any) error {
	a, err := p.call(ctx, who, verb, path, etag, body)
	if err != nil {
		return err
	}
	gotReason, gotArticle := a.reason()
	if a.code != code || gotReason != reason || gotArticle != article {
		return fmt.Errorf("%s: %s %s: want refusal %d %s art. %q, got %d %s art. %q: %v",
			who.label, verb, path, code, reason, article, a.code, gotReason, gotArticle, a.body)
	}
	p.tell(who, article, "REFUSED %s: %s", reason, a.told())
	return nil
}

// same fails unless got is what the regulation wants.
func same(what, got, want string) error {
	if got != want {
		return fmt.Errorf("%s is %q, the regulation wants %q", what, got, want)
	}
	return nil
}

// first gives the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
