/* SPDX-License-Identifier: Apache-2.0 */
/*
 * talk PORT: sends each message of standard input, which ends with NUL, on a connection of its own
 * to 127.0.0.1, and prints its first line and what comes back until the other side ends it. A
 * client that starts fast: in the test VM a curl takes half a second.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int talk(int port, const char *message, size_t len)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((unsigned short)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char back[65536];
	ssize_t got;

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return 1;
	printf("> %.*s\n", (int)strcspn(message, "\r\n"), message);
	/* Who does not want to hear it all may answer and end before. */
	(void)!send(fd, message, len, MSG_NOSIGNAL);
	while ((got = recv(fd, back, sizeof(back), 0)) > 0)
		(void)!fwrite(back, 1, (size_t)got, stdout);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	char *message = NULL;
	size_t room = 0;
	ssize_t len;
	int failed = argc != 2;

	while (!failed && (len = getdelim(&message, &room, '\0', stdin)) > 0)
		failed = talk(atoi(argv[1]), message, (size_t)len - (message[len - 1] == '\0'));
	free(message);
	return failed;
}
