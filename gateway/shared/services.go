package shared

import (
	"strings"
	"sync"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/xunshi/xunshi/services/kit/fault"
)

// The services, in the order of the fields of a page token: it must never change.
const (
	scheduling = iota
	casefile
	rectification
	count
)

// owner tells which service keeps the object: its id begins with the service's
// name. Any other name goes to scheduling, which misses it in the same words, and
// after the same judgement of the caller, as one of its own.
func owner(name string) int {
	id := name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case strings.HasPrefix(id, "casefile-"):
		return casefile
	case strings.HasPrefix(id, "rectification-"):
		return rectification
	default:
		return scheduling
	}
}

// answer is what a service said.
type answer[R any] struct {
	service int
	content R
}

// everybody are the services that a question without a page token goes to.
func everybody() []int { return []int{scheduling, casefile, rectification} }

// ask puts a question to services at once. One whose policy denies it keeps nothing
// for this party and is left out; if all do, theirs is the answer. Any other failure
// fails the whole: a list that lacks a service's rows would be taken for the truth.
func ask[R any](services []int, question func(service int) (R, error)) ([]answer[R], error) {
	contents, errs := make([]R, len(services)), make([]error, len(services))
	var wg sync.WaitGroup
	for i, s := range services {
		wg.Go(func() { contents[i], errs[i] = question(s) })
	}
	wg.Wait()
	var answers []answer[R]
	var denial error
	for i, s := range services {
		switch {
		case errs[i] == nil:
			answers = append(answers, answer[R]{s, contents[i]})
		case status.Code(errs[i]) != codes.PermissionDenied:
			return nil, errs[i]
		case !ungranted(errs[i]):
			return nil, fault.New(fault.Unavailable, fault.ReasonDependencyUnavailable).Wrap(errs[i])
		case denial == nil:
			denial = errs[i]
		}
	}
	if len(answers) == 0 {
		return nil, denial
	}
	return answers, nil
}

// ungranted tells a denial by policy, which names the permission that is lacking, from
// one by the database of the service: that means a grant lost or a key or clock that is
// wrong, and not that there is nothing for the caller.
func ungranted(denial error) bool {
	for _, detail := range status.Convert(denial).Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			return info.GetMetadata()["permission"] != ""
		}
	}
	return false
}
