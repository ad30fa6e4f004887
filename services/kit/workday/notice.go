package workday

import (
	"errors"
	"fmt"
)

// Notice is a published document that makes weekdays off or weekends worked:
// the State Council's yearly notice (国务院办公厅关于部分节假日安排的通知), an
// amendment of one, or a province's own notice.
type Notice struct {
	ID        string
	Province  string // the province's code, "45"; empty if it is for the whole country
	Published Date
	Source    string
}

// Fact is what a notice says of one day.
type Fact struct {
	Notice  string // the ID of the notice
	Date    Date
	Working bool
	Name    string // the holiday, e.g. 国庆节
}

func (n Notice) validate() error {
	var errs []error
	if n.ID == "" {
		errs = append(errs, errors.New("it has no id"))
	}
	if n.Province != "" && !isProvinceCode(n.Province) {
		errs = append(errs, fmt.Errorf("province %q is not a code of two digits", n.Province))
	}
	if !n.Published.Valid() {
		errs = append(errs, fmt.Errorf("publication %s is not a date", n.Published))
	}
	if len(errs) > 0 {
		return fmt.Errorf("notice %q: %w", n.ID, errors.Join(errs...))
	}
	return nil
}

func isProvinceCode(s string) bool {
	return len(s) == 2 && isDigit(s[0]) && isDigit(s[1])
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
