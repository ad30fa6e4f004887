package api

import (
	"google.golang.org/grpc"

	casefilev1 "github.com/xunshi/xunshi/gen/go/xunshi/casefile/v1"
	"github.com/xunshi/xunshi/services/kit/inbox"
)

// Servers are the gRPC servers of the service and its handlers of events.
type Servers struct {
	base *base
}

// New makes the servers.
func New(d Deps) (*Servers, error) {
	b, err := newBase(d)
	if err != nil {
		return nil, err
	}
	return &Servers{b}, nil
}

// Register registers every server of the service, but not that of events.
func (s *Servers) Register(r grpc.ServiceRegistrar) {
	casefilev1.RegisterCaseFileServiceServer(r, &CaseFiles{base: s.base})
	casefilev1.RegisterPetitionServiceServer(r, &Petitions{base: s.base})
	casefilev1.RegisterWorkingPaperServiceServer(r, &Papers{base: s.base})
	casefilev1.RegisterFindingServiceServer(r, &Findings{base: s.base})
	casefilev1.RegisterInspectionReportServiceServer(r, &Reports{base: s.base})
}

// Handlers are what is done with events, by type.
func (s *Servers) Handlers() inbox.Handlers { return s.base.handlers() }
