package document_test

import (
	"testing"
	"time"

	"github.com/xunshi/xunshi/services/kit/document"
)

func TestConfigReportsEveryFault(t *testing.T) {
	if faults := document.DefaultConfig().Validate(); len(faults) != 0 {
		t.Errorf("the default: %v", faults)
	}
	bad := document.Config{Directory: "here", S3: document.S3{Bucket: "b"}, MaxBytes: 1 << 40, SweepAge: time.Minute}
	if faults := bad.Validate(); len(faults) != 7 {
		t.Errorf("%d faults, want 7: %v", len(faults), faults)
	}
}
