/* SPDX-License-Identifier: Apache-2.0 */
/* uring FILE: opens it by io_uring, in a worker of the kernel's. */
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *ring(int fd, size_t size, off_t at)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, at);
}

int main(int argc, char **argv)
{
	struct io_uring_params params = { 0 };
	int fd = (int)syscall(SYS_io_uring_setup, 1, &params);
	char *queue = ring(fd, params.sq_off.array + sizeof(unsigned), IORING_OFF_SQ_RING);
	char *done =
		ring(fd, params.cq_off.cqes + 2 * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	struct io_uring_sqe *entry = ring(fd, sizeof(*entry), IORING_OFF_SQES);

	if (argc != 2 || fd < 0 || queue == MAP_FAILED || done == MAP_FAILED || entry == MAP_FAILED)
		return 1;
	*entry = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT,
					.flags = IOSQE_ASYNC,
					.fd = AT_FDCWD,
					.addr = (uintptr_t)argv[1],
					.open_flags = O_RDONLY };
	*(unsigned *)(queue + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(queue + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, fd, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return 2;
	return ((struct io_uring_cqe *)(done + params.cq_off.cqes))->res < 0 ? 3 : 0;
}
