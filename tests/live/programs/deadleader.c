/* SPDX-License-Identifier: Apache-2.0 */
/* Its first thread ends; the other one calls getpgid for ever. */
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *call(void *unused)
{
	for (;;) {
		syscall(SYS_getpgid, 0);
		usleep(1000);
	}
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, call, NULL) != 0)
		return 1;
	pthread_exit(NULL);
}
