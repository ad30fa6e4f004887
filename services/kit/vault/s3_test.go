package vault_test

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// store is an S3-compatible store that behaves: one bucket, whose objects are there
// when their last part is.
type store struct {
	mu       sync.Mutex
	objects  map[string][]byte
	uploads  map[string]map[string][]byte // parts by number
	made     time.Time
	down     bool
	multiple int // uploads in parts that were completed
}

func newStore(t *testing.T) (*store, string) {
	t.Helper()
	s := &store{objects: map[string][]byte{}, uploads: map[string]map[string][]byte{}, made: time.Date(2024, 2, 26, 0, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	content, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/evidence"), "/")
	upload := r.URL.Query().Get("uploadId")
	switch {
	case s.down || err != nil:
		w.WriteHeader(http.StatusForbidden) // which no client repeats
	case r.Method == http.MethodPost && r.URL.Query().Has("uploads"):
		id := fmt.Sprint(len(s.uploads))
		s.uploads[id] = map[string][]byte{}
		answer(w, struct {
			XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
			Bucket, Key, UploadId string
		}{Bucket: "evidence", Key: key, UploadId: id})
	case r.Method == http.MethodPut && upload != "":
		s.uploads[upload][fmt.Sprintf("%05s", r.URL.Query().Get("partNumber"))] = content
		w.Header().Set("ETag", `"part"`)
	case r.Method == http.MethodPost && upload != "":
		for _, part := range slices.Sorted(maps.Keys(s.uploads[upload])) {
			s.objects[key] = append(s.objects[key], s.uploads[upload][part]...)
		}
		s.multiple++
		answer(w, struct {
			XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
			Bucket, Key, ETag string
		}{Bucket: "evidence", Key: key, ETag: `"whole"`})
	case r.Method == http.MethodDelete:
		if upload == "" {
			delete(s.objects, key)
		}
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut:
		s.objects[key] = content
		w.Header().Set("ETag", `"whole"`)
	case key == "":
		s.list(w)
	default:
		s.get(w, key)
	}
}

func (s *store) get(w http.ResponseWriter, key string) {
	content, there := s.objects[key]
	if !there {
		w.WriteHeader(http.StatusNotFound)
		answer(w, struct {
			XMLName xml.Name `xml:"Error"`
			Code    string
		}{Code: "NoSuchKey"})
		return
	}
	w.Header().Set("Last-Modified", s.made.Format(http.TimeFormat))
	w.Header().Set("ETag", `"whole"`)
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	_, _ = io.Copy(w, bytes.NewReader(content)) // the client is gone if this fails
}

func (s *store) list(w http.ResponseWriter) {
	type object struct {
		Key          string
		LastModified time.Time
		Size         int
	}
	var all []object
	for key, content := range s.objects {
		all = append(all, object{key, s.made, len(content)})
	}
	slices.SortFunc(all, func(a, b object) int { return cmp.Compare(a.Key, b.Key) })
	answer(w, struct {
		XMLName     xml.Name `xml:"ListBucketResult"`
		Name        string
		IsTruncated bool
		Contents    []object
	}{Name: "evidence", Contents: all})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(v) // the client is gone if this fails
}

func (s *store) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}
