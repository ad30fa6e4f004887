package document_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/xunshi/xunshi/services/kit/document"
	"github.com/xunshi/xunshi/services/kit/fault"
	"github.com/xunshi/xunshi/services/kit/workday"
)

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
)

var today = workday.Date{Year: 2024, Month: 2, Day: 26}

// archive makes one of files of so many bytes, which compress well.
func archive(t *testing.T, files map[string]int) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, size := range files {
		h := &zip.FileHeader{Name: name, Method: zip.Deflate}
		if strings.HasSuffix(name, "@") {
			h.Name = strings.TrimSuffix(name, "@")
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// prove holds content of a type against a declaration that is true but for the type.
func prove(t *testing.T, kind, name, content string, piece int) error {
	t.Helper()
	sum := sha256.Sum256([]byte(content))
	d, err := document.Declaration{DisplayName: name, MediaType: kind, Size: int64(len(content)), SHA256: sum[:]}.Accept(1<<30, today)
	if err != nil {
		return err
	}
	p := d.Prove()
	for rest := content; rest != ""; rest = rest[min(piece, len(rest)):] {
		if _, err := p.Write([]byte(rest[:min(piece, len(rest))])); err != nil {
			return err
		}
	}
	return p.Finish()
}

func office(t *testing.T, entry string) string {
	return archive(t, map[string]int{"[Content_Types].xml": 100, entry: 5000, "docProps/app.xml": 100})
}

// TestContentIsOfItsType, however it is cut (security.md §5.2, input 83).
func TestContentIsOfItsType(t *testing.T) {
	long := strings.Repeat("整改佐证，逐条落实。\n", 20_000)
	for _, tt := range []struct{ kind, name, content string }{
		{"application/pdf", "a.pdf", "%PDF-1.7\n" + long}, {"application/pdf", "a.PDF", "%PDF-1.7"},
		{"image/jpeg", "a.jpeg", "\xff\xd8\xff\xe0" + long}, {"image/png", "a.png", "\x89PNG\r\n\x1a\n" + long},
		{"video/mp4", "a.mp4", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + long},
		{"text/plain", "a.txt", long}, {"text/plain", "a.txt", "甲"}, {"text/csv", "a.csv", "县,问题\r\n锦江区,1\r\n"},
		{"application/ofd", "a.ofd", office(t, "OFD.xml")}, {docx, "a.docx", office(t, "word/document.xml")},
		{xlsx, "a.xlsx", office(t, "xl/workbook.xml")}, {pptx, "a.pptx", office(t, "ppt/presentation.xml")},
	} {
		for _, piece := range []int{1 << 20, 4096, 511, 7} {
			if err := prove(t, tt.kind, tt.name, tt.content, piece); err != nil {
				t.Errorf("%s in pieces of %d: %v", tt.name, piece, err)
			}
		}
	}
}

// TestContentOfAnotherType is refused: what runs, what is two things at once, and what
// would harm whoever opens it (inputs 83, 85, 86).
func TestContentOfAnotherType(t *testing.T) {
	sound := office(t, "xl/workbook.xml")
	many := map[string]int{"xl/workbook.xml": 1}
	for i := range 30_000 {
		many[fmt.Sprintf("xl/%040d.xml", i)] = 0
	}
	for what, tt := range map[string]struct{ kind, name, content string }{
		"a program as PDF":           {"application/pdf", "a.pdf", "MZ\x90\x00" + strings.Repeat("\x00", 1000)},
		"a program as text":          {"text/plain", "a.txt", "\x7fELF\x02\x01\x01"},
		"a page as text":             {"text/plain", "a.txt", "<html><script>alert(1)</script>"},
		"a page as CSV":              {"text/csv", "a.csv", "<!DOCTYPE html><p>"},
		"GBK as text":                {"text/plain", "a.txt", "\xd5\xfb\xb8\xc4"},
		"a torn character":           {"text/plain", "a.txt", strings.Repeat("a", 1000) + "\xe6\x95"},
		"NUL late in a text":         {"text/plain", "a.txt", strings.Repeat("整", 1000) + "\x00"},
		"text as PDF":                {"application/pdf", "a.pdf", "整改"},
		"PDF that is an archive too": {"application/pdf", "a.pdf", "%PDF-1.7\n" + sound},
		"picture and archive":        {"image/jpeg", "a.jpg", "\xff\xd8\xff\xe0" + sound},
		"a sheet as a text":          {docx, "a.docx", sound},
		"any archive as a sheet":     {xlsx, "a.xlsx", office(t, "readme.txt")},
		"an archive cut short":       {xlsx, "a.xlsx", sound[:len(sound)-30]},
		"macros":                     {xlsx, "a.xlsx", archive(t, map[string]int{"xl/workbook.xml": 10, "xl/vbaProject.bin": 10})},
		"out of the folder":          {xlsx, "a.xlsx", archive(t, map[string]int{"xl/workbook.xml": 10, "../../etc/passwd": 10})},
		"from the root":              {xlsx, "a.xlsx", archive(t, map[string]int{"xl/workbook.xml": 10, "/etc/passwd": 10})},
		"out of it on Windows":       {xlsx, "a.xlsx", archive(t, map[string]int{"xl/workbook.xml": 10, `..\x`: 10})},
		"a link":                     {xlsx, "a.xlsx", archive(t, map[string]int{"xl/workbook.xml": 10, "xl/link@": 10})},
		"a bomb":                     {xlsx, "a.xlsx", archive(t, map[string]int{"xl/workbook.xml": 10, "xl/sheet1.xml": 64 << 20})},
		"thirty thousand files":      {xlsx, "a.xlsx", archive(t, many)},
	} {
		if err := prove(t, tt.kind, tt.name, tt.content, 4096); !fault.Is(err, "DOCUMENT_TYPE_DIFFERS") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestNames that are one thing on every system (input 84).
func TestNames(t *testing.T) {
	accept := func(name string) (string, error) {
		d, err := document.Declaration{DisplayName: name, MediaType: "text/plain", Size: 1}.Accept(1<<30, today)
		return d.DisplayName, err
	}
	for name, want := range map[string]string{
		"整改佐证（一）.txt": "整改佐证（一）.txt", "a b.TXT": "a b.TXT", "cafe\u0301.txt": "caf\u00e9.txt", "console.txt": "console.txt", "a.b.txt": "a.b.txt",
	} {
		if got, err := accept(name); got != want || err != nil {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{
		"../x.txt", "/etc/x.txt", `C:\x.txt`, `..\x.txt`, "CON.txt", "nul.txt", "com1.txt", "LPT9.txt", "COM¹.txt", "con.a.txt", "a:b.txt", "a*.txt",
		".txt", ".hidden.txt", " a.txt", "a.txt ", "a.txt.", "a", "a.pdf", "a.txt.exe", `a".txt`, "a<b.txt", "",
	} {
		if _, err := accept(name); !fault.Is(err, "FIELD_INVALID") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
