package spmd

import "testing"

func TestALengthIsInItsClass(t *testing.T) {
	t.Parallel()
	for n := 2; n < 1<<20; n += 1 + n/7 {
		class := lengthClass(n)
		if typical := typicalLength(class); lengthClass(typical) != class || typical > 2*n || n > 2*typical {
			t.Fatalf("%d values are of class %d, whose typical length is %d", n, class, typical)
		}
	}
}
