/* SPDX-License-Identifier: Apache-2.0 */
/* The manager's service: handles the requests of its client and notifies it of the end of its VMs. */
#ifndef VIRTMGR_SERVICE_H
#define VIRTMGR_SERVICE_H

#include "early_vm/exit_code.h"
#include "virtmgr/options.h"

/*
 * Serves the client on the socket of OPTIONS and writes one byte to its ready_fd when it takes requests; closes both (the
 * second only when it served, so that a waiting client learns of a failure by the end of the process).  Returns when the
 * client has ended, closed the connection, broken the protocol, or SIGTERM came, and all VMs have ended.
 * Files are looked for below ROOT, "" for the running system.
 *
 * Blocks SIGTERM, and ignores SIGHUP, SIGINT, SIGQUIT and SIGPIPE, in the process.  Call it from the main thread, once.
 */
enum evm_exit_code service_run(const char *root, const struct options *options);

#endif
