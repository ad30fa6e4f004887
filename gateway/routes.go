package gateway

import (
	"errors"
	"fmt"
	"iter"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	documentv1 "github.com/xunshi/xunshi/gen/go/xunshi/document/v1"
)

// route is an HTTP rule of a method.
type route struct {
	method  protoreflect.FullName
	verb    string
	pattern string // as in the proto
	slashes int    // in a path that fits
	match   *regexp.Regexp
	file    bool // its body or its answer is a file
}

// fullMethod is the method as gRPC writes it.
func (r route) fullMethod() string {
	return "/" + string(r.method.Parent()) + "/" + string(r.method.Name())
}

// publicRoutes reads the HTTP rules of all linked services.
func publicRoutes() ([]route, error) {
	var routes []route
	var faults []error
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(f.Package()), "xunshi.") {
			return true
		}
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				r, ok, err := routeOf(methods.Get(j))
				if err != nil {
					faults = append(faults, err)
				}
				if ok {
					routes = append(routes, r)
				}
			}
		}
		return true
	})
	slices.SortFunc(routes, func(a, b route) int { return strings.Compare(a.verb+a.pattern, b.verb+b.pattern) })
	return routes, errors.Join(faults...)
}

func routeOf(m protoreflect.MethodDescriptor) (route, bool, error) {
	rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	upload, _ := proto.GetExtension(m.Options(), documentv1.E_UploadPath).(string)
	if rule == nil && upload == "" {
		return route{}, false, nil
	}
	r := route{method: m.FullName(), file: m.IsStreamingClient() || m.IsStreamingServer()}
	switch {
	case upload != "":
		r.verb, r.pattern = http.MethodPost, upload
	case rule.GetGet() != "":
		r.verb, r.pattern = http.MethodGet, rule.GetGet()
	case rule.GetPost() != "":
		r.verb, r.pattern = http.MethodPost, rule.GetPost()
	case rule.GetPatch() != "":
		r.verb, r.pattern = http.MethodPatch, rule.GetPatch()
	default:
		return route{}, false, fmt.Errorf("%s: an HTTP verb that this API does not use", r.method)
	}
	path := namedSegment.ReplaceAllString(r.pattern, "$2")
	r.slashes = strings.Count(path, "/")
	var err error
	r.match, err = regexp.Compile("^" + expression(path) + "$")
	return r, err == nil, err
}

// filesOf gives the routes whose body or answer is a file.
func filesOf(routes []route) []route {
	return slices.DeleteFunc(slices.Clone(routes), func(r route) bool { return !r.file })
}

// namedSegment is a variable of a pattern: its field and what it matches.
var namedSegment = regexp.MustCompile(`\{([a-z_.]+)=([^}]*)\}`)

// expression turns /v1/provinces/*/terms/*:verb into a regular expression; the
// patterns hold no other metacharacters.
func expression(path string) string {
	return strings.ReplaceAll(regexp.QuoteMeta(path), `\*`, `[^/:]+`)
}

// onPath gives the routes that a path fits. It is asked for every request, and
// counting the slashes first spares most of the expressions.
func (e *edge) onPath(path string) iter.Seq[route] {
	return func(yield func(route) bool) {
		slashes := strings.Count(path, "/")
		for _, r := range e.routes {
			if r.slashes == slashes && r.match.MatchString(path) && !yield(r) {
				return
			}
		}
	}
}

// allowed gives the verbs that exist on a path.
func (e *edge) allowed(path string) []string {
	var verbs []string
	for r := range e.onPath(path) {
		verbs = append(verbs, r.verb)
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}
