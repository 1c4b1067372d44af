// Package jsonl writes alerts as JSON lines: one ECS document a line (event.Encoder), each batch with one write.
package jsonl
