package job

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"foliocast/internal/problem"
)

func ExampleLevelFault() {
	fmt.Println("level", LevelFault(0.95))
	// Output: level must be a percentage above 1 and below 100, is 0.95: did you mean 95?
}

func TestLevelFault(t *testing.T) {
	t.Parallel()
	const rule = "must be a percentage above 1 and below 100, is "
	for level, want := range map[float64]string{
		1.5: "", 50: "", 99.5: "", 99.999: "",
		// 100 times these is not a whole number in floating point.
		0.28: rule + "0.28: did you mean 28?", 0.55: rule + "0.55: did you mean 55?", 0.999: rule + "0.999: did you mean 99.9?",
		1: rule + "1", 0: rule + "0", -5: rule + "-5", 100: rule + "100", math.Inf(1): rule + "+Inf",
	} {
		if got := LevelFault(level); got != want {
			t.Errorf("%v: got %q, want %q", level, got, want)
		}
	}
	if LevelFault(math.NaN()) == "" {
		t.Error("not a number is taken as a level")
	}
}

func TestValidateAsksAboutALevelThatIsAProportion(t *testing.T) {
	t.Parallel()
	s := valid()
	s.Levels = []float64{80, 0.95}
	want := []problem.Fault{{Pointer: "/levels/1", Detail: LevelFault(0.95)}}
	if diff := cmp.Diff(want, s.Validate()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func ExampleQuantileFault() {
	fmt.Println("quantile", QuantileFault(90))
	// Output: quantile must be a probability above 0 and below 1, is 90: did you mean 0.9?
}

func TestQuantileFault(t *testing.T) {
	t.Parallel()
	const rule = "must be a probability above 0 and below 1, is "
	for p, want := range map[float64]string{
		0.5: "", 5e-324: "", 0.9999999999999999: "",
		1: rule + "1: did you mean 0.01?", 5: rule + "5: did you mean 0.05?", 29: rule + "29: did you mean 0.29?",
		0: rule + "0", -0.5: rule + "-0.5", 100: rule + "100", math.Inf(1): rule + "+Inf", math.NaN(): rule + "NaN",
	} {
		if got := QuantileFault(p); got != want {
			t.Errorf("%v: got %q, want %q", p, got, want)
		}
	}
}
