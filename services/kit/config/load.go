package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"

	"go.yaml.in/yaml/v3"
)

// Validator is a section of a configuration that checks itself. The errors begin
// with the name of the field; the path of the section is put in front.
type Validator interface {
	Validate() []error
}

// Load fills dst, a pointer to a struct that holds the defaults, from the YAML
// file and then from the environment of the process. The error names every fault.
func Load(path string, dst any) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	return LoadFrom(file, os.Environ(), dst)
}

// LoadFrom is Load from a text and an environment in the form of os.Environ.
func LoadFrom(file []byte, environ []string, dst any) error {
	root := reflect.ValueOf(dst)
	if root.Kind() != reflect.Pointer || root.Elem().Kind() != reflect.Struct {
		return fmt.Errorf("config: %T is not a pointer to a struct", dst)
	}
	errs := decode(file, dst)
	leaves, err := leavesOf(root.Elem())
	if err != nil {
		return err
	}
	errs = append(errs, override(leaves, environ)...)
	errs = append(errs, validate(root.Elem(), "")...)
	if len(errs) == 0 {
		return nil
	}
	for i, err := range errs {
		errs[i] = fmt.Errorf("config: %w", err)
	}
	return errors.Join(errs...)
}

// decode reads one YAML document; an empty one changes nothing.
func decode(file []byte, dst any) []error {
	d := yaml.NewDecoder(bytes.NewReader(file))
	d.KnownFields(true)
	err := d.Decode(dst)
	if errors.Is(err, io.EOF) {
		return nil
	}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		var errs []error
		for _, text := range typed.Errors {
			errs = append(errs, errors.New(text))
		}
		return errs
	}
	if err != nil {
		return []error{err}
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return []error{errors.New("the file holds more than one document")}
	}
	return nil
}

// validate asks every section, the inner ones first, what is wrong with it.
func validate(v reflect.Value, path string) []error {
	var errs []error
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return validate(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			errs = append(errs, validate(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Struct:
		for name, field := range fieldsOf(v) {
			errs = append(errs, validate(field, join(path, name))...)
		}
	}
	validator, ok := v.Addr().Interface().(Validator)
	if !ok {
		return errs
	}
	for _, err := range validator.Validate() {
		errs = append(errs, within(path, v.Kind() == reflect.Struct, err))
	}
	return errs
}

// within puts the path in front of what a section says about one of its fields,
// or a field about itself.
func within(path string, section bool, err error) error {
	switch {
	case path == "":
		return err
	case section:
		return fmt.Errorf("%s.%w", path, err)
	default:
		return fmt.Errorf("%s: %w", path, err)
	}
}
