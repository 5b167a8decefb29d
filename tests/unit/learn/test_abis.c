/* SPDX-License-Identifier: Apache-2.0 */
/* The recorder's ABIs are this machine's, and its tables speak of their calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "learn/tables.h"
#include "model/syscalls.h"

#include <sys/syscall.h>

static uint32_t number(unsigned abi, const char *name)
{
	const struct snug_syscall *call = snug_syscall_by_name(snug_rec_arch(abi), name);

	return call ? call->nr & ~SNUG_X32_BIT : SNUG_REC_CALLS;
}

static void test_the_machines_own_is_first(void **state)
{
	const struct snug_rec_tables *tables = snug_rec_tables();

	(void)state;
	assert_int_equal(snug_rec_arch(SNUG_REC_NATIVE), snug_arch_native());
	assert_int_equal(tables->clone_nr[SNUG_REC_NATIVE], SYS_clone);
	assert_int_equal(tables->clone3_nr[SNUG_REC_NATIVE], SYS_clone3);
	assert_int_equal(tables->capset_nr[SNUG_REC_NATIVE], SYS_capset);
	assert_int_equal(tables->prctl_nr[SNUG_REC_NATIVE], SYS_prctl);
	assert_int_equal(tables->seccomp_nr[SNUG_REC_NATIVE], SYS_seccomp);
	assert_int_not_equal(tables->row_of[SNUG_REC_NATIVE][SYS_socket], 0);
	assert_int_equal(tables->row_of[SNUG_REC_NATIVE][SYS_read], 0);
}

static void test_each_has_rows_of_its_own(void **state)
{
	const struct snug_rec_tables *tables = snug_rec_tables();

	(void)state;
	for (unsigned abi = 0; abi < SNUG_REC_ABIS; abi++) {
		assert_int_equal(tables->clone_nr[abi], number(abi, "clone"));
		assert_int_not_equal(tables->row_of[abi][number(abi, "unshare")], 0);
		assert_int_equal(snug_rec_model_nr(abi, number(abi, "read")),
				 snug_syscall_by_name(snug_rec_arch(abi), "read")->nr);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_machines_own_is_first),
		cmocka_unit_test(test_each_has_rows_of_its_own),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("abis", tests, NULL, NULL);
}
