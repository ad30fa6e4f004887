package document

import (
	"maps"
	"slices"
	"strings"
)

// media is a type of documents.
type media struct {
	extensions []string
	sniffed    string // what net/http tells by the first bytes
	entry      string // of an archive: a file that only this type has
}

const (
	zipped = "application/zip"
	plain  = "text/plain; charset=utf-8"
	office = "application/vnd.openxmlformats-officedocument."
)

// mediaTypes are the types that are taken: what offices write, scan and photograph, and
// nothing that runs. Old office formats are not among them, whose macros cannot be told.
func mediaTypes() map[string]media {
	return map[string]media{
		"application/pdf":                      {[]string{".pdf"}, "application/pdf", ""},
		"application/ofd":                      {[]string{".ofd"}, zipped, "OFD.xml"}, // GB/T 33190
		office + "wordprocessingml.document":   {[]string{".docx"}, zipped, "word/document.xml"},
		office + "spreadsheetml.sheet":         {[]string{".xlsx"}, zipped, "xl/workbook.xml"},
		office + "presentationml.presentation": {[]string{".pptx"}, zipped, "ppt/presentation.xml"},
		"image/jpeg":                           {[]string{".jpg", ".jpeg"}, "image/jpeg", ""},
		"image/png":                            {[]string{".png"}, "image/png", ""},
		"video/mp4":                            {[]string{".mp4"}, "video/mp4", ""},
		"text/plain":                           {[]string{".txt"}, plain, ""},
		"text/csv":                             {[]string{".csv"}, plain, ""},
	}
}

// Accepted lists the types that are taken.
func Accepted() string {
	return strings.Join(slices.Sorted(maps.Keys(mediaTypes())), ", ")
}
