/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket: SOCK_SEQPACKET, one request in JSON for one answer in JSON, as crosvm has it (vm_control/src/lib.rs,
 * enum VmRequest and VmResponse).  Known are "Exit" (crosvm stop) and "ResumeVcpus" (crosvm resume).
 */
#ifndef VMM_CONTROL_H
#define VMM_CONTROL_H

enum control_request { REQUEST_NONE, REQUEST_EXIT, REQUEST_RESUME };

/*
 * Listens at PATH, or takes the inherited listening socket "/proc/self/fd/N".  Returns a descriptor that the caller
 * closes (and, for a path that is not inherited, unlinks: control_unlink), or a negative errno after a message.
 */
int control_listen(const char *path);
void control_unlink(const char *path);

/*
 * Reads one packet from the connection FD, which is readable, and answers it.  RET is the request (REQUEST_NONE if it is
 * unknown).  Returns 0, or -ENOTCONN at the connection's end.
 */
int control_answer(int fd, enum control_request *ret);

/* The client: sends REQUEST to PATH.  0 when it was granted, otherwise a negative errno after a message. */
int control_send(const char *path, enum control_request request);

#endif
