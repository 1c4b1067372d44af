package tail

import "fmt"

// Chunk is a run of whole lines of one file.
type Chunk struct {
	Log    string // path of the log, as it was named or found: the same for all of its files
	File   string // path of the file when it was opened: the log's own, or that of a backup
	Offset int64  // of Data in the file, decompressed
	Line   int64  // number of the first line of Data in the file, from 1; 0 where it is not known (StartEnd)
	Data   []byte // ends with a newline; valid until store returns
	Lines  int64  // how many lines Data has
	Gap    *Gap   // what may be missing right before Data; nil where Data follows what was handed out before
}

// Gap is a place in a log where lines may be missing.
type Gap struct {
	Log    string
	File   string // the file that ends or is gone there
	Offset int64  // how far it was read
	Reason string // a sentence
	Sure   bool   // something is missing; else it cannot be ruled out
}

// String is the gap as people read it.
func (g Gap) String() string {
	may := "lines may be missing"
	if g.Sure {
		may = "lines are missing"
	}
	return fmt.Sprintf("%s: %s behind byte %d of %s: %s", g.Log, may, g.Offset, g.File, g.Reason)
}
