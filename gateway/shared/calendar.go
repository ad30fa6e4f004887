package shared

import (
	"errors"
	"fmt"
	"strings"

	ics "github.com/arran4/golang-ical"

	obligationv1 "github.com/xunshi/xunshi/gen/go/xunshi/obligation/v1"
)

// oneCalendar adds the events of the later calendars to the first.
func oneCalendar(answers []answer[*obligationv1.ObligationCalendar]) (string, error) {
	var one *ics.Calendar
	for _, a := range answers {
		calendar, err := parse(a.content.GetContent())
		if err != nil {
			return "", fmt.Errorf("shared: the calendar of a service: %w", err)
		}
		if one == nil {
			one = calendar
			continue
		}
		for _, event := range calendar.Events() {
			one.AddVEvent(event)
		}
	}
	// The library's default on Unix is a bare line feed; RFC 5545 wants both.
	return one.Serialize(ics.WithNewLineWindows), nil
}

// parse also refuses what the library takes for an empty calendar: a text that
// ends early.
func parse(text string) (*ics.Calendar, error) {
	if !strings.HasSuffix(strings.TrimSpace(text), "\nEND:VCALENDAR") {
		return nil, errors.New("it has no end")
	}
	return ics.ParseCalendar(strings.NewReader(text))
}
