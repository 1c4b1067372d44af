package tail

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Name is what the name of a backup says.
type Name struct {
	Log   string // name of the live file in the same directory
	Order int64  // backups of a log are in order of age by it, the oldest first
	Stem  string // the name without what compression adds
}

// Backup knows the names that rotators give to backups of audit.log:
//
//	audit-2026-11-20T23-49-03.111.log   lumberjack, in the API server (--audit-log-maxsize)
//	audit.log.1, audit.log-20261120, audit-20261120.log, audit.log-2026112023, audit.log-20261120-1795218543   logrotate, by
//	                                    number, dateext, extension and dateformat
//	audit.log.20261120-234903           the kubelet, for what containers write
//
// each also with .gz or .zst behind it.
func Backup(name string) (Name, bool) {
	stem := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
	for _, kind := range backupNames {
		if m := kind.pattern.FindStringSubmatch(stem); m != nil {
			if order, ok := kind.order(m[2]); ok {
				return Name{Log: m[1] + m[3], Order: order, Stem: stem}, true
			}
		}
	}
	return Name{}, false
}

// backupNames are the forms of names: what the live file's begins with, when or as which backup it was put aside, and what the
// live file's name ends in.
var backupNames = []struct {
	pattern *regexp.Regexp
	order   func(string) (int64, bool)
}{
	{regexp.MustCompile(`^(.+)-(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.\d{3})(\.[^.]+)?$`), timeIn("2006-01-02T15-04-05.000")},
	{regexp.MustCompile(`^(.+)\.(\d{8}-\d{6})()$`), timeIn("20060102-150405")},
	{regexp.MustCompile(`^(.+)-(\d{8})(\.[^.0-9][^.]*)?$`), timeIn("20060102")},
	{regexp.MustCompile(`^(.+)-(\d{10})(\.[^.0-9][^.]*)?$`), timeIn("2006010215")},
	{regexp.MustCompile(`^(.+)-(\d{8}-\d{1,10})(\.[^.0-9][^.]*)?$`), dateAndNumber},
	{regexp.MustCompile(`^(.+)\.(\d{1,5})()$`), number},
}

func timeIn(layout string) func(string) (int64, bool) {
	return func(s string) (int64, bool) {
		t, err := time.Parse(layout, s)
		return t.UnixNano(), err == nil && t.Year() >= 1970 && t.Year() < 2200
	}
}

// dateAndNumber reads a day and a number that grows: seconds since 1970, or a time of the day.
func dateAndNumber(s string) (int64, bool) {
	day, digits, _ := strings.Cut(s, "-")
	order, ok := timeIn("20060102")(day)
	n, err := strconv.ParseInt(digits, 10, 64)
	if len(digits) == 10 {
		return n * int64(time.Second), ok && err == nil
	}
	return order + n, ok && err == nil
}

// number reads the number of a backup: the highest is the oldest. All come before those that tell a time.
func number(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return math.MinInt64/2 - n, err == nil
}

// backupFile is a backup and what its name says.
type backupFile struct {
	path string
	Name
}

// sortBackups puts the oldest first, and a file before the archive that is made of it.
func sortBackups(all []backupFile) {
	slices.SortFunc(all, func(a, b backupFile) int {
		return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Stem, b.Stem), cmp.Compare(len(a.path), len(b.path)))
	})
}
