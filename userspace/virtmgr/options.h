/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manager's command line, which is Android's (--rpc-server-fd N --ready-fd M, both required; --help), the times of the hang-up
 * detection, and the release of Android whose interfaces the client has.
 */
#ifndef VIRTMGR_OPTIONS_H
#define VIRTMGR_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/platform_policy.h"
#include "rpcbinder/aidl.h"

struct options {
	bool help;
	int rpc_server_fd;  /* the client's connection: AF_UNIX, SOCK_SEQPACKET or SOCK_STREAM */
	bool speaks_binder; /* it is a SOCK_STREAM: the bootstrap of Android's RPC binder; else early_vm/protocol.h */
	enum aidl_release aidl_release;                 /* whose interfaces the client has, until it tells */
	int ready_fd;                                   /* gets one byte when requests are taken */
	uint32_t hangup_seconds, hangup_nested_seconds; /* 0: as the platform's file says */
};

/*
 * Reads the command line and checks the descriptors: open, not standard input, output or error, not the same twice, the
 * first one a socket of the right type.  Both get close-on-exec.  They stay open and are the caller's from here on.
 * Returns 0, or -EINVAL after a message.  RET is untouched on failure.  Not thread-safe (getopt).
 */
int options_parse(int argc, char *const argv[], struct options *ret);

/*
 * How long a payload may take to report: what OPTIONS say, or else POLICY; on a host that is a virtual machine itself (NESTED) the
 * longer time of the two.
 */
uint32_t options_hangup_seconds(const struct options *options, const struct platform_policy *policy, bool nested);

void options_print_help(void);

#endif
