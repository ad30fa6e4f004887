package page

import "github.com/xunshi/xunshi/services/kit/fault"

const (
	defaultSize = 50
	maxSize     = 200
)

// Size gives the number of rows of a page for the page_size of a request: 0
// means 50, more than 200 means 200.
func Size(pageSize int32) (int, error) {
	switch {
	case pageSize < 0:
		return 0, fault.InvalidField("page_size", "NEGATIVE", "must not be negative")
	case pageSize == 0:
		return defaultSize, nil
	default:
		return min(int(pageSize), maxSize), nil
	}
}

// Cut gives the rows of one page when size+1 were asked for, and whether there
// are more.
func Cut[T any](rows []T, size int) (page []T, more bool) {
	if len(rows) <= size {
		return rows, false
	}
	return rows[:size], true
}
