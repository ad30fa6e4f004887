// Package config owns how a process learns its settings: a strict YAML file, over
// it the environment (XUNSHI_<SECTION>_<FIELD>), and secrets as paths of files.
// All faults are told at once. It is the only package that reads the environment.
//
// It must not know what the settings mean: each section checks itself through
// Validate. A value of a secret never appears in an error.
package config
