// Package folder plans what is written to a folder of generated files, tells it, and writes it.
//
//	Open -> Read what is there, Write or Keep what is to be there -> Steps (to tell) -> Apply (to do)
//
// Until Apply nothing is changed, so that a plan can be shown and thrown away. Each file is replaced as a whole: whoever reads it
// sees the old one or the new one, also after a crash. A Folder belongs to one goroutine.
package folder
