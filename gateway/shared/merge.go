package shared

import (
	"fmt"

	"github.com/xunshi/xunshi/services/kit/page"
)

// list is a page that a service answered.
type list[T any] struct {
	rows   []T
	tokens []string // of the service, behind each of the rows
	next   string   // behind all of them; empty on its last page
	taken  int      // how many rows are in the merged page
}

// position is where the service goes on that was at before.
func (l *list[T]) position(before position) position {
	switch {
	case l.taken == len(l.rows):
		return position{token: l.next, ended: l.next == ""}
	case l.taken == 0:
		return before
	default:
		return position{token: l.tokens[l.taken-1]}
	}
}

// merge takes up to size rows off the heads of the lists, the least first. It
// stops early at a list that is used up and not the last of its service: nobody
// can tell what comes next.
func merge[T any](lists []*list[T], size int, compare func(a, b T) int) []T {
	var merged []T
	for len(merged) < size {
		least := head(lists, compare)
		if least == nil {
			break
		}
		merged = append(merged, least.rows[least.taken])
		least.taken++
	}
	return merged
}

// head gives the list with the least row; nil when none is certain.
func head[T any](lists []*list[T], compare func(a, b T) int) *list[T] {
	var least *list[T]
	for _, l := range lists {
		switch {
		case l.taken < len(l.rows):
			if least == nil || compare(l.rows[l.taken], least.rows[least.taken]) < 0 {
				least = l
			}
		case l.next != "":
			return nil
		}
	}
	return least
}

// paged answers a page of the one list and the token of the next. fetch asks a
// service for a page of its own list from one of its tokens.
func paged[T any](token string, pageSize int32, compare func(a, b T) int, fetch func(service int, token string) (*list[T], error)) ([]T, string, error) {
	at, err := decode(token)
	if err != nil {
		return nil, "", err
	}
	answers, err := ask(at.running(), func(service int) (*list[T], error) { return fetch(service, at[service].token) })
	if err != nil {
		return nil, "", err
	}
	size, err := page.Size(pageSize) // by now a service has judged the caller
	if err != nil {
		return nil, "", err
	}
	lists := make([]*list[T], len(answers))
	for i, a := range answers {
		if lists[i] = a.content; len(lists[i].tokens) != len(lists[i].rows) {
			return nil, "", fmt.Errorf("shared: a service answered %d rows and %d tokens", len(lists[i].rows), len(lists[i].tokens))
		}
	}
	rows := merge(lists, size, compare)
	next := allEnded() // who denied has nothing more either
	for i, a := range answers {
		next[a.service] = lists[i].position(at[a.service])
	}
	token, err = next.encode()
	return rows, token, err
}
