package config

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

const (
	envPrefix = "XUNSHI_"
	// envFile names the file itself; the command line reads it.
	envFile = "XUNSHI_CONFIG"
)

// override sets what the environment sets. A variable with our prefix that fits
// no setting is a fault: it is a misspelling, and its author believes it works.
func override(leaves []leaf, environ []string) []error {
	byName := make(map[string]leaf, len(leaves))
	for _, l := range leaves {
		byName[l.env()] = l
	}
	var errs []error
	for _, variable := range environ {
		name, text, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, envPrefix) || name == envFile {
			continue
		}
		l, ok := byName[name]
		if !ok {
			errs = append(errs, fmt.Errorf("%s: there is no such setting", name))
			continue
		}
		if !set(l.value, text) {
			errs = append(errs, fmt.Errorf("%s: not a valid %s", name, l.value.Type()))
		}
	}
	return errs
}

// set reads text into v; false if it does not fit. The text is not repeated in
// the fault, because it may be a secret in the wrong place.
func set(v reflect.Value, text string) bool {
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text)) == nil
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		d, err := time.ParseDuration(text)
		v.SetInt(int64(d))
		return err == nil
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return true
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		v.SetBool(b)
		return err == nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case reflect.Float32, reflect.Float64:
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(f)
		return err == nil
	case reflect.Slice:
		return setList(v, text)
	default:
		return false // maps and lists of structs can only be set in the file
	}
}

// setList reads a list with commas; an empty text is an empty list.
func setList(v reflect.Value, text string) bool {
	if v.Type().Elem().Kind() == reflect.Struct {
		return false
	}
	list := reflect.MakeSlice(v.Type(), 0, 0)
	if text != "" {
		for part := range strings.SplitSeq(text, ",") {
			item := reflect.New(v.Type().Elem()).Elem()
			if !set(item, strings.TrimSpace(part)) {
				return false
			}
			list = reflect.Append(list, item)
		}
	}
	v.Set(list)
	return true
}

// Setting describes one setting for the generated reference.
type Setting struct {
	Key, Env, Type, Default string
}

// Reference lists the settings of a struct that holds the defaults, in order.
func Reference(defaults any) ([]Setting, error) {
	v := reflect.ValueOf(defaults)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: %T is not a pointer to a struct", defaults)
	}
	leaves, err := leavesOf(v.Elem())
	if err != nil {
		return nil, err
	}
	settings := make([]Setting, 0, len(leaves))
	for _, l := range leaves {
		settings = append(settings, Setting{l.key, l.env(), l.value.Type().String(), fmt.Sprint(l.value.Interface())})
	}
	return settings, nil
}
