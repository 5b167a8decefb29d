/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linked into the programs of trees with sanitizers or gcov alone (Makefile), never into what is installed. Hooks, tracers
 * and helpers have no environment and no terminal of the test's: what is found in them must reach it all the same.
 */
#ifdef SNUG_REPORTS
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	/* A limit that says "no memory" is the program's to answer, not the sanitizer's. */
	return "allocator_may_return_null=1:log_exe_name=1:log_path='" SNUG_REPORTS "/sanitizer'";
}
#endif

#ifdef SNUG_COVERAGE
extern void __gcov_dump(void);
extern void __gcov_reset(void);
void __real__exit(int status) __attribute__((noreturn));
void __wrap__exit(int status) __attribute__((noreturn));

/* gcov writes when main returns; what forks in snug ends by _exit. */
void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}
#endif
