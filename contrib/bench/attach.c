/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attach OBJECT [MAP KEY VALUE]...: loads a BPF object, puts these whole numbers into its maps
 * (".bss 0 N" sets the variable of an object that has one), attaches all of it, says so, and holds
 * it until stdin ends.
 * attach OBJECT load: loads it once, cold, and prints how many milliseconds that took.
 */
#include <bpf/libbpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static int fill(struct bpf_object *object, char *const words[3])
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, words[0]);
	uint64_t key = strtoull(words[1], NULL, 0), value = strtoull(words[2], NULL, 0);

	/* Little-endian: the first bytes of a number are the number, where it fits. */
	if (!map || bpf_map__key_size(map) > sizeof(key) ||
	    bpf_map__value_size(map) > sizeof(value))
		return -1;
	return bpf_map__update_elem(map, &key, bpf_map__key_size(map), &value,
				    bpf_map__value_size(map), 0);
}

static int attach(struct bpf_object *object)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		if (!bpf_program__attach(program))
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	double start = now();
	struct bpf_object *object = argc > 1 ? bpf_object__open_file(argv[1], NULL) : NULL;
	char byte;

	if (!object || bpf_object__load(object))
		return 1;
	if (argc == 3 && strcmp(argv[2], "load") == 0) {
		printf("%.2f\n", now() - start);
		return 0;
	}
	for (int i = 2; i + 2 < argc; i += 3) {
		if (fill(object, argv + i)) {
			fprintf(stderr, "attach: %s: no such map, or its entries are no numbers\n",
				argv[i]);
			return 1;
		}
	}
	if (attach(object))
		return 1;
	puts("attached");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
