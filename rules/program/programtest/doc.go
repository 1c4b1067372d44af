// Package programtest generates rule conditions in any number, for tests and benchmarks of the evaluator: text goes out that reads
// like rules people write, the same for the same seed.
package programtest
