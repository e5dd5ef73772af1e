/* The minimum and the maximum of unsigned numbers. MPICH 4.0.2 (pmodels/mpich#6083), later
 * versions for some types (#7507) and Open MPI 4.1.2 to 4.1.4 with some compilers
 * (open-mpi/ompi#10525) compare them as if they were signed. So Init tries each, and
 * replaces those that are wrong. */
#include "native_collective.h"
#include "native_process.h"

#define REDUCTION(name, number, comparison)                                  \
	static void name(void *in, void *out, int *n, MPI_Datatype *type) {  \
		(void)type;                                                  \
		for (int i = 0; i < *n; i++)                                 \
			if (((number *)in)[i] comparison ((number *)out)[i]) \
				((number *)out)[i] = ((number *)in)[i];      \
	}

REDUCTION(min8, uint8_t, <)
REDUCTION(min16, uint16_t, <)
REDUCTION(min32, uint32_t, <)
REDUCTION(min64, uint64_t, <)
REDUCTION(max8, uint8_t, >)
REDUCTION(max16, uint16_t, >)
REDUCTION(max32, uint32_t, >)
REDUCTION(max64, uint64_t, >)

int native_repaired;

static MPI_Op repaired[2][4]; /* minimum and maximum of 1, 2, 4 and 8 bytes */
static MPI_Datatype sizes[4];

int native_repair(void) {
	static MPI_User_function *const own[2][4] = {{min8, min16, min32, min64}, {max8, max16, max32, max64}};
	MPI_Datatype all[4] = {MPI_UINT8_T, MPI_UINT16_T, MPI_UINT32_T, MPI_UINT64_T};
	for (int i = 0; i < 4; i++) {
		sizes[i] = all[i];
		for (int most = 0; most < 2; most++) {
			/* Numbers whose first bit is set, and others. */
			uint64_t zeros = 0, ones = ~(uint64_t)0;
			uint64_t *in = most ? &ones : &zeros, *out = most ? &zeros : &ones;
			repaired[most][i] = most ? MPI_MAX : MPI_MIN;
			int code = MPI_Reduce_local(in, out, 1, all[i], repaired[most][i]);
			if (code == MPI_SUCCESS && *(uint8_t *)out != *(uint8_t *)in) {
				code = MPI_Op_create(own[most][i], 1, &repaired[most][i]);
				native_repaired = 1;
			}
			if (code != MPI_SUCCESS)
				return code;
		}
	}
	return MPI_SUCCESS;
}

MPI_Op native_repaired_op(int op, native_handle type) {
	int most = op == 4;
	for (int i = 0; i < 4; i++)
		if ((MPI_Datatype)type == sizes[i])
			return repaired[most][i];
	return most ? MPI_MAX : MPI_MIN;
}
