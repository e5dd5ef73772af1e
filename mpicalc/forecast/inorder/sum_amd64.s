//go:build !purego

#include "textflag.h"

// The sixteen lanes are four registers of four numbers each. Numbers are read from any address: a
// read across two lines of the cache costs less than to align. The rest, of fewer than sixteen,
// is read under a mask, which gives 0 for what is not there. Adding 0 changes no lane, because a
// lane that begins with 0 is never -0.

// FETCH is how far ahead a long stream is asked for, which goes on in the next series.
#define FETCH 1024

// ZERO4 clears four registers.
#define ZERO4(a, b, c, d) \
	VXORPD a, a, a; \
	VXORPD b, b, b; \
	VXORPD c, c, c; \
	VXORPD d, d, d

// ADD4 adds Y8 to Y11 to four lanes each.
#define ADD4(a, b, c, d) \
	VADDPD Y8, a, a; \
	VADDPD Y9, b, b; \
	VADDPD Y10, c, c; \
	VADDPD Y11, d, d

// LOAD4 reads sixteen numbers into Y8 to Y11.
#define LOAD4(p) \
	VMOVUPD 0(p), Y8; \
	VMOVUPD 32(p), Y9; \
	VMOVUPD 64(p), Y10; \
	VMOVUPD 96(p), Y11

// MUL4 multiplies them by sixteen others.
#define MUL4(p) \
	VMULPD 0(p), Y8, Y8; \
	VMULPD 32(p), Y9, Y9; \
	VMULPD 64(p), Y10, Y10; \
	VMULPD 96(p), Y11, Y11

// MASK4 makes masks of the first CX numbers in Y12 to Y15.
#define MASK4 \
	LEAQ  masks<>+128(SB), R8; \
	SHLQ  $3, CX; \
	SUBQ  CX, R8; \
	VMOVDQU 0(R8), Y12; \
	VMOVDQU 32(R8), Y13; \
	VMOVDQU 64(R8), Y14; \
	VMOVDQU 96(R8), Y15

// REST4 reads the masked numbers into Y8 to Y11.
#define REST4(p) \
	VMASKMOVPD 0(p), Y12, Y8; \
	VMASKMOVPD 32(p), Y13, Y9; \
	VMASKMOVPD 64(p), Y14, Y10; \
	VMASKMOVPD 96(p), Y15, Y11

// RESTMUL4 multiplies them by masked others, in place of the masks.
#define RESTMUL4(p) \
	VMASKMOVPD 0(p), Y12, Y12; \
	VMASKMOVPD 32(p), Y13, Y13; \
	VMASKMOVPD 64(p), Y14, Y14; \
	VMASKMOVPD 96(p), Y15, Y15; \
	VMULPD Y12, Y8, Y8; \
	VMULPD Y13, Y9, Y9; \
	VMULPD Y14, Y10, Y10; \
	VMULPD Y15, Y11, Y11

// JOIN adds the lanes up, into the first number of a.
#define JOIN(a, b, c, d, ax, bx) \
	VADDPD b, a, a; \
	VADDPD d, c, c; \
	VADDPD c, a, a; \
	VEXTRACTF128 $1, a, bx; \
	VADDPD bx, ax, ax; \
	VUNPCKHPD ax, ax, bx; \
	VADDSD bx, ax, ax

DATA masks<>+0(SB)/8, $-1
DATA masks<>+8(SB)/8, $-1
DATA masks<>+16(SB)/8, $-1
DATA masks<>+24(SB)/8, $-1
DATA masks<>+32(SB)/8, $-1
DATA masks<>+40(SB)/8, $-1
DATA masks<>+48(SB)/8, $-1
DATA masks<>+56(SB)/8, $-1
DATA masks<>+64(SB)/8, $-1
DATA masks<>+72(SB)/8, $-1
DATA masks<>+80(SB)/8, $-1
DATA masks<>+88(SB)/8, $-1
DATA masks<>+96(SB)/8, $-1
DATA masks<>+104(SB)/8, $-1
DATA masks<>+112(SB)/8, $-1
DATA masks<>+120(SB)/8, $-1
GLOBL masks<>(SB), RODATA|NOPTR, $256 // sixteen masks of ones, and sixteen of zeros

// func sumAVX2(x *float64, n int) float64
TEXT ·sumAVX2(SB), NOSPLIT, $0-24
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	ZERO4(Y0, Y1, Y2, Y3)
	MOVQ CX, DX
	SHRQ $4, DX

loop:
	LOAD4(SI)
	PREFETCHT0 FETCH(SI)
	PREFETCHT0 (FETCH+64)(SI)
	ADD4(Y0, Y1, Y2, Y3)
	ADDQ $128, SI
	DECQ DX
	JNZ  loop
	ANDQ $15, CX
	JZ   done
	MASK4
	REST4(SI)
	ADD4(Y0, Y1, Y2, Y3)

done:
	JOIN(Y0, Y1, Y2, Y3, X0, X1)
	VMOVSD X0, ret+16(FP)
	VZEROUPPER
	RET

// func dotAVX2(x, y *float64, n int) float64
TEXT ·dotAVX2(SB), NOSPLIT, $0-32
	MOVQ x+0(FP), SI
	MOVQ y+8(FP), DI
	MOVQ n+16(FP), CX
	ZERO4(Y0, Y1, Y2, Y3)
	MOVQ CX, DX
	SHRQ $4, DX

loop:
	LOAD4(SI)
	MUL4(DI)
	ADD4(Y0, Y1, Y2, Y3)
	ADDQ $128, SI
	ADDQ $128, DI
	DECQ DX
	JNZ  loop
	ANDQ $15, CX
	JZ   done
	MASK4
	REST4(SI)
	RESTMUL4(DI)
	ADD4(Y0, Y1, Y2, Y3)

done:
	JOIN(Y0, Y1, Y2, Y3, X0, X1)
	VMOVSD X0, ret+24(FP)
	VZEROUPPER
	RET

// func sumDotAVX2(x, y *float64, n int) (sum, dot float64)
TEXT ·sumDotAVX2(SB), NOSPLIT, $0-40
	MOVQ x+0(FP), SI
	MOVQ y+8(FP), DI
	MOVQ n+16(FP), CX
	ZERO4(Y0, Y1, Y2, Y3)
	ZERO4(Y4, Y5, Y6, Y7)
	MOVQ CX, DX
	SHRQ $4, DX

loop:
	LOAD4(DI)
	PREFETCHT0 FETCH(DI)
	PREFETCHT0 (FETCH+64)(DI)
	ADD4(Y0, Y1, Y2, Y3)
	MUL4(SI)
	ADD4(Y4, Y5, Y6, Y7)
	ADDQ $128, SI
	ADDQ $128, DI
	DECQ DX
	JNZ  loop
	ANDQ $15, CX
	JZ   done
	MASK4
	REST4(DI)
	ADD4(Y0, Y1, Y2, Y3)
	RESTMUL4(SI)
	ADD4(Y4, Y5, Y6, Y7)

done:
	JOIN(Y0, Y1, Y2, Y3, X0, X1)
	JOIN(Y4, Y5, Y6, Y7, X4, X5)
	VMOVSD X0, sum+24(FP)
	VMOVSD X4, dot+32(FP)
	VZEROUPPER
	RET
