// Package envelope owns how content is encrypted at rest (security.md D11): a key of
// its own for each object, wrapped by a key of the key provider, and the content in
// authenticated segments, so that a gigabyte streams in bounded memory. What belongs to
// an object is bound to it: a segment that is changed, moved, left out or cut off does
// not open, and neither does the whole under another object's name.
//
// It must not know what it encrypts, where that is stored, or where keys come from
// beyond the interface Keys.
package envelope
