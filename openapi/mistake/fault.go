package mistake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/idmock/idmock/openapi/spec"
)

// Faults are those of a provider's document, with short texts.
func Faults(d *spec.Document) []error {
	faults := d.Faults()
	for i, fault := range faults {
		faults[i] = At("openapi.yaml", nil, brief(fault))
	}
	return faults
}

// maxFault is the length of a fault's text, in bytes: a validator repeats itself for each value of an example.
const maxFault = 300

// brief cuts a fault's list of causes short. The place stays.
func brief(fault error) error {
	text := fault.Error()
	if len(text) <= maxFault {
		return fault
	}
	causes := strings.Split(text, " | ")
	kept, size := 1, len(causes[0])
	for kept < len(causes) && size+len(causes[kept]) < maxFault {
		size += len(causes[kept])
		kept++
	}
	if kept == len(causes) {
		return fault
	}
	place := &spec.Error{}
	if !errors.As(fault, &place) {
		place = &spec.Error{}
	}
	return &spec.Error{Path: place.Path, Err: fmt.Errorf("%s | and %d more of the kind", strings.Join(causes[:kept], " | "), len(causes)-kept)}
}
