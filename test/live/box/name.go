package box

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// NewID returns a container id as containerd makes them: 64 hexadecimal digits.
func NewID() string { return hex.EncodeToString(random(32)) }

// NewPodUID returns a pod uid as Kubernetes makes them: a random UUID (RFC 9562, version 4).
func NewPodUID() string {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// PodPath returns the cgroup path that the kubelet gives to a container of the quality-of-service class BestEffort, with the
// cgroupfs driver.
func PodPath(podUID, id string) string { return "/kubepods/besteffort/pod" + podUID + "/" + id }

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return b
}
