/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on CIDs, devices and their descriptors: the policy itself stops them, sealed or not. */
#include <errno.h>

#include "attack.h"

#define VSOCK "open:/dev/vhost-vsock "
#define A "exec:" CLIENT_A " "
#define B "exec:" CLIENT_B " "
#define RUNNING A VSOCK "prepare set-cid:150 run:1 "
#define BARE ALLOWED, EPERM, EPERM
/* clang-format off */
/* Only root can take the processor from the other side whenever it wants. */
#define RACED ALLOWED, EPERM, NOT_TRIED
#define EVERYBODY .bare = true, .user_events = true
#define OFTEN(...) { __VA_ARGS__ }, .race = true, EVERYBODY
#define BETWEEN_STEPS(...) OFTEN(__VA_ARGS__), .preempted = true
#define COUNTED(r) { .reason = EVM_##r }

static const struct attack claim_attacks[] = {
	{ "two clients claim each other's CID at the same time", "contest:150:" CLIENT_A ":160:" CLIENT_B, "claim_ioctl", BARE, OFTEN(COUNTED(FOREIGN_CID)) },
	{ "two threads race for another client's CID", A VSOCK "race-claim:150:160:" CLIENT_B ":2", "claim_done: the racer is killed; claim_ioctl: the device does not run",
	  RACED, BETWEEN_STEPS(COUNTED(CID_CHANGED), COUNTED(FOREIGN_CID)) },
	{ "eight threads race for it", A VSOCK "race-claim:150:160:" CLIENT_B ":8", "claim_done, claim_ioctl", RACED, BETWEEN_STEPS(COUNTED(CID_CHANGED), COUNTED(FOREIGN_CID), COUNTED(CLAIM_BUSY)) },
	{ "a start races with a claim", A VSOCK "race-start:150:160:" CLIENT_B, "claim_ioctl: one at a time", RACED, BETWEEN_STEPS(COUNTED(CLAIM_BUSY)) },
	{ "SET_GUEST_CID of another own CID, over and over while the device runs", RUNNING "claim-running:151:150:" CLIENT_A, "claim_ioctl: a running device keeps its CID",
	  BARE, OFTEN(COUNTED(CLAIM_RUNNING)) },
	{ "the same in another thread", RUNNING "thread claim-running:151:150:" CLIENT_A, "claim_ioctl", BARE, OFTEN(COUNTED(CLAIM_RUNNING)) },
	{ "the same in another process", RUNNING "fork claim-running:151:150:" CLIENT_A, "claim_ioctl", BARE, OFTEN(COUNTED(CLAIM_RUNNING)) },
	{ "SET_GUEST_CID of another client's CID while the device runs", RUNNING "claim-running:160:150:" CLIENT_A, "claim_ioctl", BARE, OFTEN(COUNTED(CLAIM_RUNNING)) },
	{ "SET_GUEST_CID of a CID of nobody while the device runs", RUNNING "claim-running:1000:150:" CLIENT_A, "claim_ioctl", BARE, OFTEN(COUNTED(CLAIM_RUNNING)) },
	{ "another client's CID in a network namespace that has CIDs of its own (7.0; before: a plain one)", "vsock-ns " A VSOCK "set-cid:160",
	  "claim_ioctl: a listed CID is its client's in every namespace", ALLOWED, EPERM, NOT_TRIED, { EVENT(FOREIGN_CID, SET_CID, CLIENT, CID_A, CID_B) }, .bare = true },
	{ "the port of a listed CID there", "vsock-ns bind-port:150", "vsock_bind", ALLOWED, EPERM, NOT_TRIED, { EVENT(NO_LABEL, BIND_PORT, NONE, 0, CID_A) }, .bare = true },
	{ "/dev/vhost-vsock there", "vsock-ns open:/dev/vhost-vsock", "device_open", ALLOWED, EPERM, NOT_TRIED, { NO_LABEL(OPEN) }, .bare = true },
	{ "a client's own CID there", "vsock-ns " A VSOCK "set-cid:150", "not refused: it is the client's", ALLOWED, ALLOWED, NOT_TRIED, {}, .bare = true },
};
/* clang-format on */
GROUP(claim_group, "CIDs", claim_attacks);

#define TO(program) "give exec:" program " take "
#define FOREIGN(o, cid) { EVENT(FOREIGN_CID, o, CLIENT, CID_B, cid) }, EVERYBODY
#define UNLABELLED(o) { NO_LABEL(o) }, EVERYBODY

/* clang-format off */
static const struct attack device_attacks[] = {
	{ "SCM_RIGHTS of /dev/vhost-vsock through a third process", A VSOCK "give exec:" UNLISTED " fork take", "device_receive", BARE, UNLABELLED(RECEIVE) },
	{ "a client's vhost-vsock, sent to another client: claim the first one's CID", A VSOCK TO(CLIENT_B) "set-cid:150", "claim_ioctl", BARE, FOREIGN(SET_CID, CID_A) },
	{ "and start it with that CID", A VSOCK "set-cid:150 " TO(CLIENT_B) "prepare run:1", "claim_ioctl", BARE, FOREIGN(RUN_CID, CID_A) },
	{ "a client's vhost-vsock, inherited by another client: claim the first one's CID", A VSOCK B "set-cid:150", "claim_ioctl", BARE, FOREIGN(SET_CID, CID_A) },
	{ "and start it so", A VSOCK "set-cid:150 " B "prepare run:1", "claim_ioctl", BARE, FOREIGN(RUN_CID, CID_A) },
	{ "start what the first one set up", A VSOCK "prepare set-cid:150 " B "run:1", "claim_ioctl; without any policy, vhost: the memory is another's", EPERM, EPERM, EPERM, FOREIGN(RUN_CID, CID_A) },
	{ "stop what the first one runs", RUNNING B "run:0", "claim_ioctl; without any policy, vhost: the memory is another's", EPERM, EPERM, EPERM, FOREIGN(RUN_CID, CID_A) },
	{ "claim one's own CID on what the first one runs", RUNNING B "set-cid:160", "claim_ioctl: a running device keeps its CID", BARE,
	  { EVENT(CLAIM_RUNNING, SET_CID, CLIENT, CID_B, CID_B) }, EVERYBODY },
	{ "a client's vhost-vsock, inherited by an unlabelled task: claim", A VSOCK "exec:" UNLISTED " set-cid:150", "claim_ioctl", BARE,
	  { EVENT(NO_LABEL, SET_CID, NONE, 0, CID_A) }, EVERYBODY },
	{ "another ioctl on it", A VSOCK "exec:" UNLISTED " set-owner", "claim_ioctl", BARE, UNLABELLED(VSOCK_IOCTL) },
	{ "a client's /dev/kvm, inherited by an unlabelled task: create a VM", A "open:/dev/kvm exec:" UNLISTED " create-vm", "claim_ioctl", BARE, UNLABELLED(CREATE_VM) },
	{ "open a client's descriptor by /proc/PID/fd", "beside:2 " A "open:/dev/vhost-vsock reopen-beside", "device_open", BARE, UNLABELLED(OPEN) },
	{ "vfork: the parent, when its child became a client, opens /dev/kvm", "vfork-beside:" CLIENT_A " open:/dev/kvm", "device_open: the child alone has the label", BARE, UNLABELLED(OPEN) },
	{ "vfork with shared descriptors: the parent uses what the client opened", "vfork-beside:" CLIENT_A " set-owner", "the kernel: exec ends the sharing", EBADF, EBADF, EBADF, {}, .bare = true },
};
/* clang-format on */
GROUP(device_group, "devices and their descriptors", device_attacks);
