package config

import (
	"encoding"
	"fmt"
	"iter"
	"reflect"
	"strings"
)

// leaf is one setting.
type leaf struct {
	key   string // e.g. "pg.max_conns"
	value reflect.Value
}

// env is the name of the variable that overrides the setting.
func (l leaf) env() string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(l.key, ".", "_"))
}

// fieldsOf gives the exported fields of a struct by their YAML names; nothing
// for any other value.
func fieldsOf(v reflect.Value) iter.Seq2[string, reflect.Value] {
	return func(yield func(string, reflect.Value) bool) {
		if v.Kind() != reflect.Struct {
			return
		}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
			if !f.IsExported() || name == "-" {
				continue
			}
			if name == "" {
				name = strings.ToLower(f.Name)
			}
			if !yield(name, v.Field(i)) {
				return
			}
		}
	}
}

// leavesOf lists the settings below v. Two that would have the same variable are
// a mistake of the programmer.
func leavesOf(v reflect.Value) ([]leaf, error) {
	all := collect(v, "")
	seen := make(map[string]string, len(all))
	for _, l := range all {
		if other, twice := seen[l.env()]; twice {
			return nil, fmt.Errorf("config: %s and %s would both be %s", other, l.key, l.env())
		}
		seen[l.env()] = l.key
	}
	return all, nil
}

func collect(v reflect.Value, path string) []leaf {
	var all []leaf
	for name, field := range fieldsOf(v) {
		key := join(path, name)
		if isSection(field) {
			all = append(all, collect(indirect(field), key)...)
			continue
		}
		all = append(all, leaf{key, field})
	}
	return all
}

// isSection tells a struct of settings from a value that is read as a whole.
func isSection(v reflect.Value) bool {
	if v.Kind() == reflect.Pointer {
		return !v.IsNil() && isSection(v.Elem())
	}
	if v.CanAddr() {
		if _, whole := v.Addr().Interface().(encoding.TextUnmarshaler); whole {
			return false
		}
	}
	return v.Kind() == reflect.Struct
}

func indirect(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		return v.Elem()
	}
	return v
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
