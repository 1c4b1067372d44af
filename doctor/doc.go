// Package doctor finds out what this machine allows the sensor to see.
//
//	/proc, /sys, a trial of every hook, the rules -> Report -> text or JSON
//
// It changes nothing: what it loads and attaches it takes away again. It may be called beside a sensor that is running.
package doctor
