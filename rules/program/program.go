package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// Program is a set of conditions, compiled. It is immutable and may be shared by goroutines.
type Program struct {
	groups [event.NumSources]*group
}

// Compile prepares conditions to be evaluated together. An error tells the condition by its index.
func Compile(inputs []Input) (*Program, error) {
	var builders [event.NumSources]groupBuilder
	for i, in := range inputs {
		if int(in.Source) >= len(builders) {
			return nil, fmt.Errorf("condition %d: unknown source %d", i, in.Source)
		}
		b := &builders[in.Source]
		if b.byKey == nil {
			b.byKey = map[string]int{}
		}
		if err := b.add(i, in); err != nil {
			return nil, fmt.Errorf("condition %d: %w", i, err)
		}
	}
	p := &Program{}
	for i := range builders {
		if len(builders[i].conds) > 0 {
			p.groups[i] = builders[i].build()
		}
	}
	return p, nil
}
