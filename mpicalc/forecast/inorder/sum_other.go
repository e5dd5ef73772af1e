//go:build !amd64 || purego

package inorder

func sumOf(x []float64) float64                  { return sumPortable(x) }
func dotOf(x, y []float64) float64               { return dotPortable(x, y) }
func sumDotOf(x, y []float64) (sum, dot float64) { return sumPortable(y), dotPortable(x, y) }
