// Package form tells what is wrong with the form of a message, by the rules that
// its proto gives (protovalidate).
//
// It owns how a violated rule becomes a fault: the path, the reason, the text.
// What it must not do: know a rule of the law, or a message of any service.
package form
