package document

import (
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/xunshi/xunshi/services/kit/fault"
)

const nameField = "upload.display_name"

// cleanName gives the name under which a document is shown and saved, in one form of
// Unicode, or refuses it: a name that says something else on another system than here is
// not put right silently. Control and bidirectional characters are refused before, as in
// all names.
func cleanName(name string, m media) (string, error) {
	name = norm.NFC.String(name)
	stem, _, _ := strings.Cut(name, ".")
	switch {
	case strings.ContainsAny(name, `/\`):
		return "", refuseName("PATH_FORBIDDEN", "must be the name of a file without a path")
	case strings.ContainsAny(name, `<>:"|?*`), strings.TrimSpace(name) != name, strings.HasPrefix(name, "."), reserved(stem):
		return "", refuseName("NAME_FORBIDDEN", "is no name of a file on every system")
	case !slices.Contains(m.extensions, strings.ToLower(path.Ext(name))):
		return "", refuseName("EXTENSION_DIFFERS", "must end as files of its type do: "+strings.Join(m.extensions, ", "))
	}
	return name, nil
}

func refuseName(reason, description string) error {
	return fault.InvalidField(nameField, reason, description)
}

// reserved reports the names of devices on Windows, which no file may have.
func reserved(stem string) bool {
	stem = strings.ToUpper(strings.TrimSpace(stem))
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"}, stem) {
		return true
	}
	for _, device := range []string{"COM", "LPT"} {
		if number, ok := strings.CutPrefix(stem, device); ok && len([]rune(number)) == 1 && strings.ContainsAny(number, "0123456789¹²³") {
			return true
		}
	}
	return false
}
