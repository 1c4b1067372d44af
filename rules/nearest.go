package rules

import (
	"fmt"
	"strings"
)

// longestName bounds the names that are compared: longer ones are nothing that somebody mistyped.
const longestName = 64

// nearest finds the name that was probably meant by word, "" where none is near.
func nearest(word string, names []string) string {
	best, least := "", 0
	for _, n := range names {
		if n == word || len(n) > longestName || len(word) > longestName {
			continue
		}
		d := editDistance(strings.ToLower(word), strings.ToLower(n))
		near := d <= len(word)/3 || len(word) > 2 && strings.Contains(n, word)
		if near && (best == "" || d < least || d == least && samePrefix(word, n) > samePrefix(word, best)) {
			best, least = n, d
		}
	}
	return best
}

// samePrefix is how many bytes a and b begin with alike.
func samePrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// didYouMean is a hint with the nearest name, "" where none is near.
func didYouMean(word string, names []string) string {
	if n := nearest(word, names); n != "" {
		return fmt.Sprintf("did you mean %s?", n)
	}
	return ""
}

// editDistance counts insertions, deletions, replacements and swaps of neighbours.
func editDistance(a, b string) int {
	var before, row []int
	next := make([]int, len(b)+1)
	for j := range next {
		next[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, row, next = row, next, make([]int, len(b)+1)
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
	}
	return next[len(b)]
}
