// Package crash holds the tests that kill the program while it works: what was acknowledged must be there afterwards, and no alert twice.
package crash
