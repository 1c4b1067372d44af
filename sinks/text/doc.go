// Package text writes alerts for people: two lines each, safe to print whatever the event holds.
//
//	2026-11-20T10:00:00.123456Z MEDIUM   R20  Exec into payments/api-7c9 by alice
//	    alice from 10.0.0.1, exec pods/exec payments/api-7c9, 101: the rule's output
package text
