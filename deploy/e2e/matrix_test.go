package e2e_test

import (
	"context"
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// The matrix is written by hand from the articles, not from the policies: both
// must agree with what the servers do. A cell says what the law gives the party:
//
//   - nothing: PERMISSION_DENIED, whatever the object
//     province   the objects of its province
//     own        those of its county, or of its city's counties
//     task       those of the tasks of which the caller is a member
//     addressee  what was sent to it, or written by it
//     any        services in their own name
func readMatrix(t *testing.T) (parties []string, cells map[string][]string) {
	t.Helper()
	f, err := os.Open("testdata/matrix.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cells = map[string][]string{}
	for _, row := range rows[1:] {
		cells[row[0]] = row[2:]
	}
	return rows[0][2:], cells
}

// caller gives the context of a party as it stands to a life: "own" or a
// neighbour that is foreign to it.
func caller(t *testing.T, party, cell string, own bool) context.Context {
	subject, area := strings.ToLower(party), sichuan
	switch party {
	case "CITY_COMMITTEE", "CITY_LIAISON_BODY", "DISCIPLINE_ORGAN", "ORGANIZATION_DEPARTMENT", "OTHER_DEPARTMENT":
		area = sichuan + "/cities/510100"
		if !own {
			area = sichuan + "/cities/510300"
		}
	case "COUNTY_COMMITTEE":
		area = sichuan + "/counties/510104"
		if !own {
			area = sichuan + "/counties/510105"
		}
	case "INSPECTION_GROUP":
		subject = "leader-own"
		if !own {
			subject = "leader-foreign"
		}
	}
	if !own && cell == "province" {
		area = strings.NewReplacer("/51", "/52").Replace(area)
	}
	return as(t, subject, party, area)
}

func invoke(ctx context.Context, c *grpc.ClientConn, m protoreflect.MethodDescriptor, req proto.Message, opts ...grpc.CallOption) (proto.Message, error) {
	if m.IsStreamingClient() || m.IsStreamingServer() {
		return stream(ctx, c, m, req, opts...)
	}
	answer := dynamicpb.NewMessage(m.Output())
	err := c.Invoke(ctx, "/"+full(m), req, answer, opts...)
	return answer, err
}

// TestMatrix walks every method × party × {own, foreign, missing}.
func TestMatrix(t *testing.T) {
	own, _ := world(t)
	parties, cells := readMatrix(t)
	objects := own.objects()
	for _, m := range methods() {
		row, ok := cells[full(m)]
		if !ok {
			t.Errorf("testdata/matrix.csv has no row for %s", full(m))
			continue
		}
		delete(cells, full(m))
		_, pattern := addressed(m)
		name, known := objects[pattern]
		if full(m) == "xunshi.event.v1.EventService/DeliverEvent" {
			continue // TestEventServiceIsBetweenServices
		}
		if !known || name == "" {
			t.Errorf("%s: the world has no object %s", full(m), pattern)
			continue
		}
		t.Run(string(m.Parent().Name())+"/"+string(m.Name()), func(t *testing.T) {
			for i, party := range parties {
				if party == "SERVICE" {
					continue // TestServiceParty
				}
				name := own.held(pattern, party)
				checkCell(t, m, conn(t, keeperOf(m, name)), party, row[i], name)
			}
		})
	}
	for method := range cells {
		t.Errorf("testdata/matrix.csv has a row for %s, which does not exist", method)
	}
}

func checkCell(t *testing.T, m protoreflect.MethodDescriptor, c *grpc.ClientConn, party, cell, name string) {
	t.Helper()
	call := func(own_ bool, name string) (proto.Message, error) {
		return invoke(caller(t, party, cell, own_), c, m, request(m, own, name))
	}
	_, ownErr := call(true, name)
	if cell == "-" {
		for _, n := range []string{name, missing(name)} {
			if n == "" {
				continue
			}
			if _, err := call(true, n); status.Code(err) != codes.PermissionDenied {
				t.Errorf("%s %s: want PERMISSION_DENIED, got %v", party, n, err)
			}
		}
		return
	}
	// The etag is never current, so a change is refused after the object was found.
	if !slices.Contains([]codes.Code{codes.OK, codes.Aborted, codes.FailedPrecondition, codes.AlreadyExists}, status.Code(ownErr)) {
		t.Errorf("%s own: want it allowed, got %v", party, ownErr)
	}
	if gone := missing(name); gone != "" {
		if _, err := call(true, gone); status.Code(err) != codes.NotFound {
			t.Errorf("%s missing: want NOT_FOUND, got %v", party, err)
		}
	}
	answer, err := call(false, name)
	switch {
	case name != sichuan || cell == "province":
		if status.Code(err) != codes.NotFound {
			t.Errorf("%s foreign: want NOT_FOUND, got %v", party, err)
		}
	case err == nil:
		leaks(t, party, answer)
	case !slices.Contains([]codes.Code{codes.NotFound, codes.PermissionDenied, codes.FailedPrecondition}, status.Code(err)):
		t.Errorf("%s foreign: want a refusal that tells nothing, got %v", party, err)
	}
}

// leaks fails the test if an answer to a foreign caller holds a name of ours.
func leaks(t *testing.T, party string, answer proto.Message) {
	t.Helper()
	text := prototext.Format(answer)
	for _, n := range own.names() {
		if strings.Contains(text, n) {
			t.Errorf("%s foreign: the answer holds %s", party, n)
		}
	}
}
