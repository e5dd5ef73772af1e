#include "native_process.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

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

/* The socket to MPICH's launcher, or -1. From 4.1 on, MPICH takes leave of it in an exit
 * handler, but Go ends a process without those: the launcher would take each rank that ends for
 * dead, and kill the others. So native_finalize takes leave in its stead, in PMI's words. */
static int launcher = -1;
static struct stat launcher_socket;

static void native_find_launcher(void) {
	const char *fd = getenv("PMI_FD"), *version = getenv("MPIR_CVAR_PMI_VERSION");
	if (getenv("MPI_LOCALRANKID") == NULL || fd == NULL || (version != NULL && strcmp(version, "1") != 0))
		return; /* another launcher, or words of another kind */
	if (fstat(atoi(fd), &launcher_socket) == 0)
		launcher = atoi(fd);
}

int native_finalize(void) {
	static const char leave[] = "cmd=finalize\n";
	int code = MPI_Finalize();
	struct stat now;
	if (code != MPI_SUCCESS || launcher < 0 || fstat(launcher, &now) != 0 || /* MPICH has closed it */
			now.st_dev != launcher_socket.st_dev || now.st_ino != launcher_socket.st_ino)
		return code;
	if (send(launcher, leave, sizeof leave - 1, MSG_NOSIGNAL) == (ssize_t)(sizeof leave - 1)) {
		struct pollfd answer = {.fd = launcher, .events = POLLIN};
		char text[64];
		if (poll(&answer, 1, 5000) == 1)
			(void)!recv(launcher, text, sizeof text, MSG_DONTWAIT);
	}
	return code;
}

/* Errors of the world are also those of calls that have no communicator. */
int native_init(int required, int *provided) {
	struct sigaction before[native_signals];
	native_handlers(before);
	native_find_launcher();
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
