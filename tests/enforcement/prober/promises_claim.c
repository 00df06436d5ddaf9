/* SPDX-License-Identifier: Apache-2.0 */
/* Claims of CIDs, binds of ports, and descriptors that are passed. */
#include <errno.h>

#include "probe.h"

#define VSOCK "open:/dev/vhost-vsock "
#define A "exec:" CLIENT_A " "
#define B "exec:" CLIENT_B " "
#define A_MANAGER "exec:" CLIENT_A " exec:" MANAGER " "
#define A_VMM "exec:" CLIENT_A " exec:" MANAGER " exec:" VMM " "
#define A_32 "exec:" CLIENT_32 " "
#define USER "exec:" KVM_USER " "

/* KVM itself has no 32-bit ioctls on arm64. */
#ifdef __aarch64__
#define KVM_32 EINVAL
#else
#define KVM_32 ALLOWED
#endif

/* clang-format off */
static const struct probe claim_probes[] = {
	{ "a client claims its CID", A VSOCK "set-cid:150", ALLOWED, ALLOWED, {} },
	{ "a client claims its second CID", A VSOCK "set-cid:151", ALLOWED, ALLOWED, {} },
	{ "a client of another partition claims its CID", "exec:" CLIENT_EXT " " VSOCK "set-cid:250", ALLOWED, ALLOWED, {} },
	{ "a client claims with an argument that is not in memory yet", A VSOCK "set-cid-late:150", ALLOWED, ALLOWED, {} },
	{ "a client is refused the CID of another client", A VSOCK "set-cid:160", ALLOWED, EPERM,
	  { EVENT(FOREIGN_CID, SET_CID, CLIENT, CID_A, CID_B) } },
	{ "that client claims it", B VSOCK "set-cid:160", ALLOWED, ALLOWED, {} },
	{ "the VMM of a client is refused the CID of another one", "exec:" CLIENT_B " exec:" MANAGER " exec:" VMM " " VSOCK "set-cid:150",
	  ALLOWED, EPERM, { EVENT(FOREIGN_CID, SET_CID, VMM, CID_B, CID_A) } },
	{ "a client is refused a CID that is listed for nobody", A VSOCK "set-cid:199", ALLOWED, EPERM,
	  { EVENT(UNLISTED_CID, SET_CID, CLIENT, CID_A, 199) } },
	{ "a client's VMM is refused a CID that is listed for nobody", A_VMM VSOCK "set-cid:1000", ALLOWED, EPERM,
	  { EVENT(UNLISTED_CID, SET_CID, VMM, CID_A, 1000) } },
	{ "a CID of more than 32 bits is refused", A VSOCK "set-cid:0x100000096", EINVAL, EPERM,
	  { EVENT(BAD_ARGUMENT, SET_CID, CLIENT, CID_A, 0) } },
	{ "a CID that can't be read is refused", A VSOCK "set-cid-nowhere", EFAULT, EPERM,
	  { EVENT(BAD_ARGUMENT, SET_CID, CLIENT, CID_A, 0) } },
	{ "a device does not run before it has a CID", A VSOCK "prepare run:1", ALLOWED, EPERM,
	  { EVENT(UNLISTED_CID, RUN_CID, CLIENT, CID_A, 0) } },
	{ "the CID of a running device stays", A VSOCK "prepare set-cid:150 run:1 set-cid:151", ALLOWED, EPERM,
	  { EVENT(CLAIM_RUNNING, SET_CID, CLIENT, CID_A, CID_A2) } },
	{ "it can be changed when the device was stopped", A VSOCK "prepare set-cid:150 run:1 run:0 set-cid:151", ALLOWED, ALLOWED, {} },
	{ "a claim during a start on the same device is refused", A VSOCK "set-owner set-cid:150 busy-claim:150", ALLOWED, EPERM,
	  { EVENT(CLAIM_BUSY, SET_CID, CLIENT, CID_A, CID_A) } },
	{ "an unlabelled task's claim during it has no part in that: it could end the start's turn", A VSOCK "set-owner set-cid:150 busy-claim-by:" UNLISTED ":150", ALLOWED, EPERM,
	  { EVENT(NO_LABEL, SET_CID, NONE, 0, CID_A) }, .comm = "unlisted" },
	{ "another device's ioctl of the same number is no claim", "open:/dev/null set-cid:150", ENOTTY, ENOTTY, {} },
	{ "nor is one of a client's, which would keep others from claiming", A "open:/dev/null set-cid:150", ENOTTY, ENOTTY, {} },
	{ "a kvm user claims a CID that nobody keeps", USER VSOCK "prepare set-cid:1000 run:1", ALLOWED, ALLOWED, {} },
	{ "a kvm user's VMM does so too", USER "exec:" VMM " " VSOCK "prepare set-cid:1000 run:1", ALLOWED, ALLOWED, {} },
	{ "a kvm user is refused a listed CID", USER VSOCK "set-cid:150", ALLOWED, EPERM,
	  { EVENT(FOREIGN_CID, SET_CID, KVM_USER, 0, CID_A) } },
	{ "a kvm user's VMM is refused a listed CID", USER "exec:" VMM " " VSOCK "set-cid:150", ALLOWED, EPERM,
	  { EVENT(FOREIGN_CID, SET_CID, KVM_USER, 0, CID_A) } },
	{ "a kvm user is refused a reserved CID", USER VSOCK "set-cid:350", ALLOWED, EPERM,
	  { EVENT(RESERVED_CID, SET_CID, KVM_USER, 0, 350) } },
	{ "32-bit ioctl: a client claims its CID and runs", A_32 VSOCK "prepare set-cid-32:182 run-32:1", ALLOWED, ALLOWED, {}, .by_32_bit = true },
	{ "32-bit ioctl: a client is refused the CID of another one", A_32 VSOCK "set-cid-32:160", ALLOWED, EPERM,
	  { EVENT(FOREIGN_CID, SET_CID, CLIENT, CID_32, CID_B) }, .by_32_bit = true },
	{ "32-bit ioctl: an unlabelled task is refused to claim", A_32 VSOCK "exec:" UNLISTED_32 " set-cid-32:182", ALLOWED, EPERM,
	  { EVENT(NO_LABEL, SET_CID, NONE, 0, CID_32) }, .by_32_bit = true },
	{ "32-bit ioctl: a device does not run before it has a CID", A_32 VSOCK "prepare run-32:1", ALLOWED, EPERM,
	  { EVENT(UNLISTED_CID, RUN_CID, CLIENT, CID_32, 0) }, .by_32_bit = true },
	{ "32-bit ioctl: an unlabelled task is refused other vhost ioctls", A_32 VSOCK "exec:" UNLISTED_32 " set-owner-32", ALLOWED, EPERM,
	  { NO_LABEL(VSOCK_IOCTL) }, .by_32_bit = true },
	{ "32-bit ioctl: a client creates a VM", A "open:/dev/kvm exec:" CLIENT_32 " create-vm-32", KVM_32, KVM_32, {}, .by_32_bit = true },
	{ "32-bit ioctl: an unlabelled task is refused to create a VM", A "open:/dev/kvm exec:" UNLISTED_32 " create-vm-32", KVM_32, EPERM,
	  { NO_LABEL(CREATE_VM) }, .by_32_bit = true },
};
/* clang-format on */
PROMISE(claim_promise, "a CID is claimed by its own client's tasks alone, in both ioctl ABIs", claim_probes);

/* clang-format off */
static const struct probe race_probes[] = {
	{ "a CID that changes during the claim never runs", A VSOCK "race-claim:150:160:" CLIENT_B, ALLOWED, EPERM,
	  { { .reason = EVM_CID_CHANGED }, { .reason = EVM_FOREIGN_CID } }, .race = true },
	{ "nor when another task starts the device meanwhile", A VSOCK "race-start:150:160:" CLIENT_B, ALLOWED, EPERM,
	  { { .reason = EVM_CLAIM_BUSY }, { .reason = EVM_CLAIM_RUNNING } }, .race = true },
	{ "a VMM's forked child that is raced never runs it either",
	  A_VMM "fork " VSOCK "race-claim:150:160:" CLIENT_B, ALLOWED, EPERM,
	  { { .reason = EVM_CID_CHANGED }, { .reason = EVM_FOREIGN_CID } }, .race = true },
	{ "the CID that did not change runs", A VSOCK "prepare set-cid:150 run:1", ALLOWED, ALLOWED, {} },
};
/* clang-format on */
PROMISE(race_promise, "however the argument changes between check and use", race_probes);

/* clang-format off */
static const struct probe socket_probes[] = {
	{ "a client binds the port of its CID", A "bind-port:150", ALLOWED, ALLOWED, {} },
	{ "its manager binds it", A_MANAGER "bind-port:150", ALLOWED, ALLOWED, {} },
	{ "its VMM is refused it", A_VMM "bind-port:150", ALLOWED, EPERM, { EVENT(WRONG_ROLE, BIND_PORT, VMM, CID_A, CID_A) } },
	{ "an unlabelled task is refused it", "bind-port:150", ALLOWED, EPERM, { EVENT(NO_LABEL, BIND_PORT, NONE, 0, CID_A) } },
	{ "another client is refused it", B "bind-port:150", ALLOWED, EPERM, { EVENT(FOREIGN_CID, BIND_PORT, CLIENT, CID_B, CID_A) } },
	{ "a kvm user is refused it", USER "bind-port:150", ALLOWED, EPERM, { EVENT(WRONG_ROLE, BIND_PORT, KVM_USER, 0, CID_A) } },
	{ "anyone binds a port that is listed for nobody", "bind-port:5000", ALLOWED, ALLOWED, {} },
	/* The host has no such CID, so the kernel itself says EADDRNOTAVAIL where the policy lets it. */
	{ "a client may bind to its CID", A "bind-cid:150", EADDRNOTAVAIL, EADDRNOTAVAIL, {} },
	{ "its manager may bind to it", A_MANAGER "bind-cid:150", EADDRNOTAVAIL, EADDRNOTAVAIL, {} },
	{ "its VMM may not", A_VMM "bind-cid:150", EADDRNOTAVAIL, EPERM, { EVENT(WRONG_ROLE, BIND_CID, VMM, CID_A, CID_A) } },
	{ "an unlabelled task may not", "bind-cid:150", EADDRNOTAVAIL, EPERM, { EVENT(NO_LABEL, BIND_CID, NONE, 0, CID_A) } },
	{ "another client may not", B "bind-cid:150", EADDRNOTAVAIL, EPERM, { EVENT(FOREIGN_CID, BIND_CID, CLIENT, CID_B, CID_A) } },
};
/* clang-format on */
PROMISE(socket_promise, "the port of a listed CID is bound by its own client's tasks alone", socket_probes);

/* What a client sends, and who receives it. */
#define KVM_TO(program) "exec:" CLIENT_A " open:/dev/kvm give exec:" program " take"
#define VSOCK_TO(program) "exec:" CLIENT_A " open:/dev/vhost-vsock give exec:" program " take"

/* clang-format off */
static const struct probe delegation_probes[] = {
	{ "an unlabelled task does not receive /dev/kvm", KVM_TO(UNLISTED), ALLOWED, EPERM, { NO_LABEL(RECEIVE) } },
	{ "an unlabelled task does not receive /dev/vhost-vsock", VSOCK_TO(UNLISTED), ALLOWED, EPERM, { NO_LABEL(RECEIVE) } },
	{ "a manager does not receive /dev/kvm", KVM_TO(MANAGER), ALLOWED, EPERM, { EVENT(WRONG_ROLE, RECEIVE, MANAGER, CID_A, 0) } },
	{ "a manager does not receive /dev/vhost-vsock", VSOCK_TO(MANAGER), ALLOWED, EPERM,
	  { EVENT(WRONG_ROLE, RECEIVE, MANAGER, CID_A, 0) } },
	{ "a VMM receives /dev/kvm", KVM_TO(VMM), ALLOWED, ALLOWED, {} },
	{ "a VMM receives /dev/vhost-vsock", VSOCK_TO(VMM), ALLOWED, ALLOWED, {} },
	{ "a client receives /dev/kvm", KVM_TO(CLIENT_B), ALLOWED, ALLOWED, {} },
	{ "a client receives /dev/vhost-vsock", VSOCK_TO(CLIENT_B), ALLOWED, ALLOWED, {} },
	{ "a client that received the device is refused the sender's CID", VSOCK_TO(CLIENT_B) " set-cid:150", ALLOWED, EPERM,
	  { EVENT(FOREIGN_CID, SET_CID, CLIENT, CID_B, CID_A) } },
	{ "a kvm user receives /dev/kvm", KVM_TO(KVM_USER), ALLOWED, ALLOWED, {} },
	{ "an unlabelled task does not receive a device on a file system that could change its number", "exec:" CLIENT_A " mount-ns hugetlbfs:/tmp/h"
	  " mknod:/tmp/h/null:3:1 open:/tmp/h/null give exec:" UNLISTED " take", ALLOWED, EPERM, { EVENT(DEVICE_NUMBER, RECEIVE, NONE, 0, 0) } },
	{ "other descriptors are received by everyone", "open:/dev/null give take", ALLOWED, ALLOWED, {} },
	{ "an unlabelled task can't take a client's /dev/kvm (pidfd_getfd)", "beside:2 exec:" CLIENT_A " open:/dev/kvm steal", ALLOWED, EPERM,
	  { NO_LABEL(RECEIVE) }, .unsealed = true },
	{ "an unlabelled task can't take a client's /dev/vhost-vsock", "beside:2 exec:" CLIENT_A " open:/dev/vhost-vsock steal", ALLOWED,
	  EPERM, { NO_LABEL(RECEIVE) }, .unsealed = true },
	{ "sealed, it can't even try", "beside:2 exec:" CLIENT_A " open:/dev/kvm steal", ALLOWED, EPERM,
	  { EVENT(SEALED_TASK, TRACE, NONE, 0, 0) } },
	{ "a client takes its child's /dev/kvm (pidfd_getfd)", "exec:" CLIENT_A " beside:1 open:/dev/kvm steal", ALLOWED, ALLOWED, {} },
};
/* clang-format on */
PROMISE(delegation_promise, "a descriptor that is passed on gives nothing to who has no right", delegation_probes);
