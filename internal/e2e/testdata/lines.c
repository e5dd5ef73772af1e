/* Straight lines through many series at the speed of memory, to measure mpicalc against.
 *
 *	lines FILE SERIES POINTS PROCESSES
 *
 * FILE has the values as doubles, one series after the other. Each process has a core and an
 * equal share of the series, which it has touched before: for each it forms the sum of the
 * values and their dot product with the weights of the slope. The output is the seconds that
 * the slowest took. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most = 64 };

struct shared {
	atomic_int ready;
	double seconds[most];
};

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void fit(const double *values, long series, long points, const double *weights, double *lines) {
	for (long s = 0; s < series; s++, values += points) {
		double sum = 0, slope = 0;
		for (long t = 0; t < points; t++) {
			sum += values[t];
			slope += weights[t] * values[t];
		}
		lines[2 * s] = sum / points + slope * (points - 1) / 2;
		lines[2 * s + 1] = slope;
	}
}

static void process(int p, int processes, struct shared *all, const double *values, long series, long points) {
	cpu_set_t own;
	CPU_ZERO(&own);
	CPU_SET(p, &own);
	sched_setaffinity(0, sizeof own, &own);
	long first = series * p / processes, end = series * (p + 1) / processes;
	double *weights = malloc(points * sizeof *weights), *lines = calloc(2 * (end - first) + 1, sizeof *lines);
	double n = points, touched = 0;
	for (long t = 0; t < points; t++)
		weights[t] = (t - (n - 1) / 2) / (n * (n * n - 1) / 12);
	for (long i = first * points; i < end * points; i += 512)
		touched += values[i];
	for (long i = 0; i < 2 * (end - first); i++)
		lines[i] = touched;
	atomic_fetch_add(&all->ready, 1);
	while (atomic_load(&all->ready) < processes)
		;
	double begin = now();
	fit(values + first * points, end - first, points, weights, lines);
	all->seconds[p] = now() - begin;
	_exit(lines[0] == lines[0] ? 0 : 1);
}

int main(int count, char **args) {
	if (count != 5)
		return 2;
	long series = atol(args[2]), points = atol(args[3]);
	int processes = atoi(args[4]), file = open(args[1], O_RDONLY), status, failed = 0;
	if (file < 0 || processes < 1 || processes > most)
		return 2;
	const double *values = mmap(NULL, series * points * sizeof *values, PROT_READ, MAP_SHARED, file, 0);
	struct shared *all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (values == MAP_FAILED || all == MAP_FAILED)
		return 1;
	for (int p = 0; p < processes; p++)
		if (fork() == 0)
			process(p, processes, all, values, series, points);
	for (int p = 0; p < processes; p++)
		failed |= wait(&status) < 0 || status != 0;
	double slowest = 0;
	for (int p = 0; p < processes; p++)
		if (all->seconds[p] > slowest)
			slowest = all->seconds[p];
	printf("%.6f\n", slowest);
	return failed;
}
