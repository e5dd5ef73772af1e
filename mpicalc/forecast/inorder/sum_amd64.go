//go:build !purego

package inorder

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

func sumOf(x []float64) float64 {
	if !cpu.X86.HasAVX2 {
		return sumPortable(x)
	}
	return sumAVX2(unsafe.SliceData(x), len(x))
}

func dotOf(x, y []float64) float64 {
	if !cpu.X86.HasAVX2 {
		return dotPortable(x, y)
	}
	return dotAVX2(unsafe.SliceData(x), unsafe.SliceData(y), len(x))
}

func sumDotOf(x, y []float64) (sum, dot float64) {
	if !cpu.X86.HasAVX2 {
		return sumPortable(y), dotPortable(x, y)
	}
	return sumDotAVX2(unsafe.SliceData(x), unsafe.SliceData(y), len(x))
}

// The sums of sum_amd64.s, for n >= count.

//go:noescape
func sumAVX2(x *float64, n int) float64

//go:noescape
func dotAVX2(x, y *float64, n int) float64

//go:noescape
func sumDotAVX2(x, y *float64, n int) (sum, dot float64)
