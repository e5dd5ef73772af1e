#include "native_process.h"

#include <signal.h>

/* Go's runtime has one handler for all signals, and must keep them: MPICH replaces that of
 * SIGUSR1, and its own would call Go's on a stack on which it cannot run. */
enum { native_signals = 65 };

static void native_handlers(struct sigaction *all) {
	for (int signal = 1; signal < native_signals; signal++)
		if (sigaction(signal, NULL, &all[signal]) != 0)
			all[signal].sa_handler = SIG_DFL;
}

static void native_put_back(const struct sigaction *before) {
	struct sigaction now[native_signals];
	native_handlers(now);
	for (int signal = 1; signal < native_signals; signal++) {
		void (*handler)(int) = now[signal].sa_handler;
		if (handler != SIG_DFL && handler != SIG_IGN && handler != before[SIGURG].sa_handler)
			sigaction(signal, &before[signal], NULL);
	}
}

/* Errors of the world are also those of calls that have no communicator. */
int native_init(int required, int *provided) {
	struct sigaction before[native_signals];
	native_handlers(before);
	int code = MPI_Init_thread(NULL, NULL, required, provided);
	native_put_back(before);
	if (code == MPI_SUCCESS)
		code = MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	if (code == MPI_SUCCESS)
		code = MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
	if (code == MPI_SUCCESS)
		code = native_repair();
	return code;
}
