package migrate

import (
	"bytes"
	"io"
	"io/fs"
	"strings"
)

// rendered is an FS whose files name the roles of a service: {{service}} in them
// is replaced by its name.
type rendered struct {
	fs.FS
	service string
}

// Open implements fs.FS.
func (r rendered) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return f, err
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(content), "{{service}}", r.service)
	return renderedFile{info, bytes.NewReader([]byte(text))}, nil
}

type renderedFile struct {
	info fs.FileInfo
	*bytes.Reader
}

func (f renderedFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f renderedFile) Close() error { return nil }
