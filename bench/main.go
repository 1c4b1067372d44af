// Command bench measures the goals of docs/BENCHMARKS.md: `make bench`.
package main

func main() {}
