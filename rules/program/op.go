package program

import "fmt"

// String returns the operator as rules write it.
func (o Op) String() string {
	names := [...]string{
		"exists", "=", "!=", "<", "<=", ">", ">=", "contains", "icontains", "bcontains", "startswith", "bstartswith",
		"endswith", "glob", "iglob", "regex", "in", "intersects", "pmatch",
	}
	if int(o) < len(names) {
		return names[o]
	}
	return fmt.Sprintf("operator(%d)", o)
}
