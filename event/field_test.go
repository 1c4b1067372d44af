package event

import (
	"math"
	"testing"
)

func TestIntKeepsOrder(t *testing.T) {
	var before, v Value
	for i, n := range []int64{math.MinInt64, -2, -1, 0, 1, math.MaxInt64} {
		v.SetInt(n)
		if v.Int() != n || v.Kind() != KindNumber {
			t.Errorf("%d is read as %d", n, v.Int())
		}
		if i > 0 && before.Number() >= v.Number() {
			t.Errorf("%d is not above what is less", n)
		}
		before = v
	}
}

func TestClearForgetsElements(t *testing.T) {
	var v Value
	v.Append("a")
	v.Append("b")
	v.Clear()
	for _, s := range v.list[:2] {
		if s != "" {
			t.Errorf("%q is still there", s)
		}
	}
}
