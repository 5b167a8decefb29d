/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attach OBJECT: loads a BPF object, attaches all of it, and holds it until stdin ends.
 * attach OBJECT load: loads it once, cold, and prints how many milliseconds that took.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	double start = now();
	struct bpf_object *object = argc > 1 ? bpf_object__open_file(argv[1], NULL) : NULL;
	struct bpf_program *program;
	char byte;

	if (!object || bpf_object__load(object))
		return 1;
	if (argc > 2) {
		printf("%.2f\n", now() - start);
		return 0;
	}
	bpf_object__for_each_program(program, object)
	{
		if (!bpf_program__attach(program))
			return 1;
	}
	puts("attached");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
