/* SPDX-License-Identifier: Apache-2.0 */
#include "model/symbols.h"

#include <asm/ioctls.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/prctl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>

#define S(name)                                                                                    \
	{                                                                                          \
		(uint32_t)(name), #name                                                            \
	}
#define END                                                                                        \
	{                                                                                          \
		0, NULL                                                                            \
	}

const struct snug_named snug_families[] = {
	S(AF_UNSPEC),	S(AF_UNIX),   S(AF_INET),	S(AF_AX25),   S(AF_IPX),   S(AF_APPLETALK),
	S(AF_NETROM),	S(AF_BRIDGE), S(AF_ATMPVC),	S(AF_X25),    S(AF_INET6), S(AF_ROSE),
	S(AF_SECURITY), S(AF_KEY),    S(AF_NETLINK),	S(AF_PACKET), S(AF_RDS),   S(AF_PPPOX),
	S(AF_LLC),	S(AF_IB),     S(AF_MPLS),	S(AF_CAN),    S(AF_TIPC),  S(AF_BLUETOOTH),
	S(AF_RXRPC),	S(AF_PHONET), S(AF_IEEE802154), S(AF_CAIF),   S(AF_ALG),   S(AF_NFC),
	S(AF_VSOCK),	S(AF_KCM),    S(AF_QIPCRTR),	S(AF_SMC),    S(AF_XDP),   END,
};

const struct snug_named snug_socket_types[] = {
	S(SOCK_STREAM),	   S(SOCK_DGRAM), S(SOCK_RAW),	  S(SOCK_RDM),
	S(SOCK_SEQPACKET), S(SOCK_DCCP),  S(SOCK_PACKET), END,
};

static const struct snug_named namespaces[] = {
	S(CLONE_NEWTIME), S(CLONE_NEWNS),  S(CLONE_NEWCGROUP),
	S(CLONE_NEWUTS),  S(CLONE_NEWIPC), S(CLONE_NEWUSER),
	S(CLONE_NEWPID),  S(CLONE_NEWNET), END,
};

static const struct snug_named prctl_options[] = {
	S(PR_SET_PDEATHSIG),
	S(PR_GET_PDEATHSIG),
	S(PR_GET_DUMPABLE),
	S(PR_SET_DUMPABLE),
	S(PR_GET_KEEPCAPS),
	S(PR_SET_KEEPCAPS),
	S(PR_GET_TIMING),
	S(PR_SET_TIMING),
	S(PR_SET_NAME),
	S(PR_GET_NAME),
	S(PR_GET_SECCOMP),
	S(PR_SET_SECCOMP),
	S(PR_CAPBSET_READ),
	S(PR_CAPBSET_DROP),
	S(PR_GET_TSC),
	S(PR_SET_TSC),
	S(PR_GET_SECUREBITS),
	S(PR_SET_SECUREBITS),
	S(PR_SET_TIMERSLACK),
	S(PR_GET_TIMERSLACK),
	S(PR_TASK_PERF_EVENTS_DISABLE),
	S(PR_TASK_PERF_EVENTS_ENABLE),
	S(PR_MCE_KILL),
	S(PR_MCE_KILL_GET),
	S(PR_SET_MM),
	S(PR_SET_PTRACER),
	S(PR_SET_CHILD_SUBREAPER),
	S(PR_GET_CHILD_SUBREAPER),
	S(PR_SET_NO_NEW_PRIVS),
	S(PR_GET_NO_NEW_PRIVS),
	S(PR_GET_TID_ADDRESS),
	S(PR_SET_THP_DISABLE),
	S(PR_GET_THP_DISABLE),
	S(PR_CAP_AMBIENT),
	S(PR_SET_FP_MODE),
	S(PR_GET_FP_MODE),
	S(PR_SVE_SET_VL),
	S(PR_SVE_GET_VL),
	S(PR_GET_SPECULATION_CTRL),
	S(PR_SET_SPECULATION_CTRL),
	S(PR_PAC_RESET_KEYS),
	S(PR_SET_TAGGED_ADDR_CTRL),
	S(PR_GET_TAGGED_ADDR_CTRL),
	S(PR_SET_IO_FLUSHER),
	S(PR_GET_IO_FLUSHER),
	S(PR_SET_SYSCALL_USER_DISPATCH),
	S(PR_SCHED_CORE),
	S(PR_SET_VMA),
	END,
};

static const struct snug_named requests[] = {
	S(TCGETS),
	S(TCSETS),
	S(TCSETSW),
	S(TCSETSF),
	S(TCGETA),
	S(TCSETA),
	S(TCSBRK),
	S(TCXONC),
	S(TCFLSH),
	S(TIOCEXCL),
	S(TIOCNXCL),
	S(TIOCSCTTY),
	S(TIOCGPGRP),
	S(TIOCSPGRP),
	S(TIOCOUTQ),
	S(TIOCSTI),
	S(TIOCGWINSZ),
	S(TIOCSWINSZ),
	S(TIOCMGET),
	S(TIOCMSET),
	S(FIONREAD),
	S(TIOCLINUX),
	S(TIOCCONS),
	S(FIONBIO),
	S(TIOCNOTTY),
	S(TIOCSETD),
	S(TIOCGETD),
	S(TCSBRKP),
	S(TIOCGSID),
	S(TIOCGPTN),
	S(TIOCSPTLCK),
	S(TIOCGPTPEER),
	S(FIONCLEX),
	S(FIOCLEX),
	S(FIOASYNC),
	{ 0x8912, "SIOCGIFCONF" },
	{ 0x8913, "SIOCGIFFLAGS" },
	{ 0x8914, "SIOCSIFFLAGS" },
	{ 0x8915, "SIOCGIFADDR" },
	{ 0x891b, "SIOCGIFNETMASK" },
	{ 0x8921, "SIOCGIFMTU" },
	{ 0x8927, "SIOCGIFHWADDR" },
	{ 0x8933, "SIOCGIFINDEX" },
	{ 0x8905, "SIOCATMARK" },
	{ 0x8910, "SIOCGIFNAME" },
	END,
};

static const struct snug_named personas[] = {
	S(PER_LINUX),
	S(PER_LINUX32),
	S(ADDR_NO_RANDOMIZE),
	{ 0x20000, "UNAME26" },
	{ 0x20008, "UNAME26|PER_LINUX32" },
	{ 0xffffffff, "ask" },
	END,
};

static const struct snug_named levels[] = {
	S(SOL_SOCKET),	       S(IPPROTO_IP),
	S(IPPROTO_TCP),	       S(IPPROTO_UDP),
	S(IPPROTO_IPV6),       S(IPPROTO_ICMPV6),
	S(IPPROTO_SCTP),       S(IPPROTO_RAW),
	{ 263, "SOL_PACKET" }, { 270, "SOL_NETLINK" },
	{ 279, "SOL_ALG" },    { 282, "SOL_TLS" },
	{ 283, "SOL_XDP" },    END,
};

static const struct snug_named socket_options[] = {
	S(SO_DEBUG),
	S(SO_REUSEADDR),
	S(SO_TYPE),
	S(SO_ERROR),
	S(SO_DONTROUTE),
	S(SO_BROADCAST),
	S(SO_SNDBUF),
	S(SO_RCVBUF),
	S(SO_KEEPALIVE),
	S(SO_OOBINLINE),
	S(SO_NO_CHECK),
	S(SO_PRIORITY),
	S(SO_LINGER),
	S(SO_REUSEPORT),
	S(SO_PASSCRED),
	S(SO_PEERCRED),
	S(SO_RCVLOWAT),
	S(SO_SNDLOWAT),
	S(SO_RCVTIMEO),
	S(SO_SNDTIMEO),
	S(SO_BINDTODEVICE),
	S(SO_ATTACH_FILTER),
	S(SO_DETACH_FILTER),
	S(SO_TIMESTAMP),
	S(SO_PASSSEC),
	S(SO_SNDBUFFORCE),
	S(SO_RCVBUFFORCE),
	S(SO_TIMESTAMPNS),
	S(SO_MARK),
	S(SO_TIMESTAMPING),
	S(SO_BUSY_POLL),
	S(SO_ATTACH_BPF),
	S(SO_INCOMING_CPU),
	S(SO_ZEROCOPY),
	END,
};

static const struct snug_named tcp_options[] = {
	S(TCP_NODELAY),
	S(TCP_MAXSEG),
	S(TCP_CORK),
	S(TCP_KEEPIDLE),
	S(TCP_KEEPINTVL),
	S(TCP_KEEPCNT),
	S(TCP_SYNCNT),
	S(TCP_LINGER2),
	S(TCP_DEFER_ACCEPT),
	S(TCP_WINDOW_CLAMP),
	S(TCP_INFO),
	S(TCP_QUICKACK),
	S(TCP_CONGESTION),
	S(TCP_MD5SIG),
	S(TCP_USER_TIMEOUT),
	S(TCP_REPAIR),
	S(TCP_FASTOPEN),
	S(TCP_ULP),
	S(TCP_FASTOPEN_CONNECT),
	END,
};

static const struct snug_named ip_options[] = {
	S(IP_TOS),
	S(IP_TTL),
	S(IP_HDRINCL),
	S(IP_OPTIONS),
	S(IP_RECVOPTS),
	S(IP_PKTINFO),
	S(IP_MTU_DISCOVER),
	S(IP_RECVERR),
	S(IP_RECVTTL),
	S(IP_RECVTOS),
	S(IP_FREEBIND),
	S(IP_TRANSPARENT),
	S(IP_MULTICAST_IF),
	S(IP_MULTICAST_TTL),
	S(IP_MULTICAST_LOOP),
	S(IP_ADD_MEMBERSHIP),
	S(IP_DROP_MEMBERSHIP),
	S(IP_BIND_ADDRESS_NO_PORT),
	END,
};

static const struct snug_named ip6_options[] = {
	S(IPV6_UNICAST_HOPS),
	S(IPV6_MULTICAST_IF),
	S(IPV6_MULTICAST_HOPS),
	S(IPV6_MULTICAST_LOOP),
	S(IPV6_JOIN_GROUP),
	S(IPV6_LEAVE_GROUP),
	S(IPV6_MTU_DISCOVER),
	S(IPV6_RECVERR),
	S(IPV6_V6ONLY),
	S(IPV6_RECVPKTINFO),
	S(IPV6_TCLASS),
	S(IPV6_RECVTCLASS),
	END,
};

static const struct snug_named key_operations[] = {
	S(KEYCTL_GET_KEYRING_ID),
	S(KEYCTL_JOIN_SESSION_KEYRING),
	S(KEYCTL_UPDATE),
	S(KEYCTL_REVOKE),
	S(KEYCTL_CHOWN),
	S(KEYCTL_SETPERM),
	S(KEYCTL_DESCRIBE),
	S(KEYCTL_CLEAR),
	S(KEYCTL_LINK),
	S(KEYCTL_UNLINK),
	S(KEYCTL_SEARCH),
	S(KEYCTL_READ),
	S(KEYCTL_INSTANTIATE),
	S(KEYCTL_NEGATE),
	S(KEYCTL_SET_REQKEY_KEYRING),
	S(KEYCTL_SET_TIMEOUT),
	S(KEYCTL_ASSUME_AUTHORITY),
	S(KEYCTL_GET_SECURITY),
	S(KEYCTL_SESSION_TO_PARENT),
	S(KEYCTL_REJECT),
	S(KEYCTL_INSTANTIATE_IOV),
	S(KEYCTL_INVALIDATE),
	S(KEYCTL_GET_PERSISTENT),
	END,
};

static const struct snug_named bpf_commands[] = {
	S(BPF_MAP_CREATE),
	S(BPF_MAP_LOOKUP_ELEM),
	S(BPF_MAP_UPDATE_ELEM),
	S(BPF_MAP_DELETE_ELEM),
	S(BPF_MAP_GET_NEXT_KEY),
	S(BPF_PROG_LOAD),
	S(BPF_OBJ_PIN),
	S(BPF_OBJ_GET),
	S(BPF_PROG_ATTACH),
	S(BPF_PROG_DETACH),
	S(BPF_PROG_TEST_RUN),
	S(BPF_PROG_GET_NEXT_ID),
	S(BPF_MAP_GET_NEXT_ID),
	S(BPF_PROG_GET_FD_BY_ID),
	S(BPF_MAP_GET_FD_BY_ID),
	S(BPF_OBJ_GET_INFO_BY_FD),
	S(BPF_PROG_QUERY),
	S(BPF_RAW_TRACEPOINT_OPEN),
	S(BPF_BTF_LOAD),
	S(BPF_LINK_CREATE),
	END,
};

static const struct {
	const char *call;
	unsigned index;
	const struct snug_named *symbols;
	bool flags;
} tables[] = {
	{ "socket", 0, snug_families, false },	{ "socket", 1, snug_socket_types, false },
	{ "clone", 0, namespaces, true },	{ "unshare", 0, namespaces, true },
	{ "prctl", 0, prctl_options, false },	{ "ioctl", 1, requests, false },
	{ "personality", 0, personas, false },	{ "setsockopt", 1, levels, false },
	{ "keyctl", 0, key_operations, false }, { "bpf", 0, bpf_commands, false },
};

static const struct snug_named *options_of(uint64_t level)
{
	switch (level) {
	case SOL_SOCKET:
		return socket_options;
	case IPPROTO_TCP:
		return tcp_options;
	case IPPROTO_IP:
		return ip_options;
	case IPPROTO_IPV6:
		return ip6_options;
	default:
		return NULL;
	}
}

const char *snug_named_name(const struct snug_named *symbols, uint64_t value)
{
	for (; symbols && symbols->name; symbols++)
		if (symbols->value == value)
			return symbols->name;
	return NULL;
}

static void number_words(uint64_t value, char *ret, size_t size)
{
	(void)snprintf(ret, size, value < 1024 ? "%llu" : "0x%llx", (unsigned long long)value);
}

/* The flags that are set, and what is left of them as a number. */
static void flag_words(const struct snug_named *symbols, uint64_t value, char *ret, size_t size)
{
	size_t len = 0;

	if (value == 0) {
		(void)snprintf(ret, size, "no namespace");
		return;
	}
	ret[0] = '\0';
	for (; symbols->name && len < size; symbols++) {
		if ((value & symbols->value) == 0)
			continue;
		value &= ~symbols->value;
		len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? "|" : "",
					symbols->name);
	}
	if (value && len < size)
		(void)snprintf(ret + len, size - len, "%s0x%llx", len ? "|" : "",
			       (unsigned long long)value);
}

void snug_symbol(const char *call, unsigned index, uint64_t value, uint64_t level, char *ret,
		 size_t size)
{
	const struct snug_named *symbols = NULL;
	const char *name;

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (strcmp(tables[i].call, call) != 0 || tables[i].index != index)
			continue;
		if (tables[i].flags) {
			flag_words(tables[i].symbols, value, ret, size);
			return;
		}
		symbols = tables[i].symbols;
	}
	if (strcmp(call, "setsockopt") == 0 && index == 2)
		symbols = options_of(level);
	name = snug_named_name(symbols, value);
	if (name)
		(void)snprintf(ret, size, "%s", name);
	else
		number_words(value, ret, size);
}
