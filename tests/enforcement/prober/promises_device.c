/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the devices, by each name and call, and what each role may do with them. */
#include <errno.h>

#include "probe.h"

#define KVM "/dev/kvm"
#define VSOCK "/dev/vhost-vsock"

/* clang-format off */
static const struct probe device_probes[] = {
	{ "root without a label is refused /dev/kvm", "open:" KVM, ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "root without a label is refused /dev/vhost-vsock", "open:" VSOCK, ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "root without a label may not even open it for reading", "open-read:" KVM, ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "a user without a label is refused /dev/kvm", "uid:1000 open:" KVM, ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "a user without a label is refused /dev/vhost-vsock", "uid:1000 open:" VSOCK, ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "a listed client opens /dev/kvm", "exec:" CLIENT_A " open:" KVM, ALLOWED, ALLOWED, {} },
	{ "a listed client opens /dev/vhost-vsock", "exec:" CLIENT_A " open:" VSOCK, ALLOWED, ALLOWED, {} },
	{ "a listed client run by a user opens /dev/kvm", "uid:1000 exec:" CLIENT_A " open:" KVM, ALLOWED, ALLOWED, {} },
	{ "a listed client of another partition opens /dev/kvm", "exec:" CLIENT_EXT " open:" KVM, ALLOWED, ALLOWED, {} },
	{ "other devices open for everyone", "open:/dev/null", ALLOWED, ALLOWED, {} },
};
/* clang-format on */
PROMISE(device_promise, "without a label: EPERM on both devices, for every user", device_probes);

/* The same way in, for an unlabelled task and for a client. */
#define BY_NAME(text, way, comm) \
	{ "an unlabelled task is refused /dev/kvm " text, way, ALLOWED, EPERM, { NO_LABEL(OPEN) }, comm }, \
	{ "a client opens /dev/kvm " text, "exec:" CLIENT_A " " way, ALLOWED, ALLOWED, {} }

#define UNKNOWN_FS "mount-ns hugetlbfs:/tmp/h "

/* clang-format off */
static const struct probe names_probes[] = {
	BY_NAME("by a node of its own on ext4", "mknod:/tmp/own:232 open:/tmp/own", NULL),
	BY_NAME("by a node of its own on devtmpfs", "mknod:/dev/own:232 open:/dev/own", NULL),
	BY_NAME("by a node of its own on tmpfs", "mount-ns tmpfs:/tmp/t mknod:/tmp/t/own:232 open:/tmp/t/own", NULL),
	BY_NAME("by a hard link", "link:/dev/kvm:/dev/linked open:/dev/linked", NULL),
	BY_NAME("by a symbolic link", "symlink:/dev/kvm:/tmp/soft open:/tmp/soft", NULL),
	BY_NAME("by a bind mount", "mount-ns bind-mount:/dev/kvm:/tmp/bound open:/tmp/bound", NULL),
	BY_NAME("by re-opening an O_PATH descriptor", "open-path:/dev/kvm reopen", NULL),
	BY_NAME("by openat2", "openat2:/dev/kvm", NULL),
	BY_NAME("by a file handle", "by-handle:/dev/kvm", NULL),
	BY_NAME("by io_uring", "uring:/dev/kvm", NULL),
	BY_NAME("by an io_uring worker", "uring-async:/dev/kvm", "iou-wrk"),
	BY_NAME("by io_uring's polling thread", "uring-poll:/dev/kvm", "iou-sqp"),
	{ "an unlabelled task is refused /dev/vhost-vsock by a node of its own", "mknod:/tmp/own-vsock:241 open:/tmp/own-vsock",
	  ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "an unlabelled task can't re-open a descriptor that a client left it", "exec:" CLIENT_A " open:" KVM " exec:" UNLISTED " reopen",
	  ALLOWED, EPERM, { NO_LABEL(OPEN) } },
	{ "an unlabelled task is refused any device on a file system that could change its number", UNKNOWN_FS "mknod:/tmp/h/null:3:1 open:/tmp/h/null", ALLOWED,
	  EPERM, { EVENT(DEVICE_NUMBER, OPEN, NONE, 0, 0) } },
	{ "a manager is, too", "exec:" CLIENT_A " exec:" MANAGER " " UNKNOWN_FS "mknod:/tmp/h/null:3:1 open:/tmp/h/null", ALLOWED,
	  EPERM, { EVENT(DEVICE_NUMBER, OPEN, MANAGER, CID_A, 0) } },
	{ "also a device whose number is 0", UNKNOWN_FS "mknod:/tmp/h/zero:0:0 open:/tmp/h/zero", ENXIO, EPERM, { EVENT(DEVICE_NUMBER, OPEN, NONE, 0, 0) } },
	{ "a client opens such a device", "exec:" CLIENT_A " " UNKNOWN_FS "mknod:/tmp/h/null:3:1 open:/tmp/h/null", ALLOWED, ALLOWED, {} },
	{ "an unlabelled task opens devices on tmpfs", "mount-ns tmpfs:/tmp/t mknod:/tmp/t/null:3:1 open:/tmp/t/null", ALLOWED, ALLOWED, {} },
	{ "an unlabelled task opens devices on ext4", "mknod:/tmp/null:3:1 open:/tmp/null", ALLOWED, ALLOWED, {} },
	{ "an unlabelled task opens devices on an overlay", "mount-ns run-shell:mkdir+-p+/mnt/vm/o&&mount+-t+tmpfs+o+/mnt/vm/o&&cd+/mnt/vm/o&&mkdir+u+w+m&&"
	  "mount+-t+overlay+-o+lowerdir=/tmp,upperdir=u,workdir=w+o+m mknod:/mnt/vm/o/m/null:3:1 open:/mnt/vm/o/m/null", ALLOWED, ALLOWED, {} },
	{ "an unlabelled task opens a terminal", "open:/dev/ptmx", ALLOWED, ALLOWED, {} },
	{ "a client re-opens its descriptor", "exec:" CLIENT_A " open:" KVM " reopen", ALLOWED, ALLOWED, {} },
	{ "an unlabelled task can't open a client's descriptor in /proc", "beside:2 exec:" CLIENT_A " open:" KVM " reopen-beside", ALLOWED,
	  EPERM, { NO_LABEL(OPEN) } },
	{ "a client's child opens its descriptor in /proc", "exec:" CLIENT_A " beside:1 open:" KVM " reopen-beside", ALLOWED, ALLOWED,
	  {} },
};
/* clang-format on */
PROMISE(names_promise, "under any name or path, through any open", names_probes);

/* The ways to a role, as starts of a chain, and the labels that they give. */
#define AS_CLIENT "exec:" CLIENT_A " "
#define AS_MANAGER "exec:" CLIENT_A " exec:" MANAGER " "
#define AS_VMM "exec:" CLIENT_A " exec:" MANAGER " exec:" VMM " "
#define AS_KVM_USER "exec:" KVM_USER " "
#define MANAGER_OF_A(o, cid) EVENT(WRONG_ROLE, o, MANAGER, CID_A, cid)
#define NO_LABEL_CID(o, cid) EVENT(NO_LABEL, o, NONE, 0, cid)

/* Where a role can't open the device itself, it works on a descriptor that the client left it. */
#define LEFT_TO(program) "exec:" CLIENT_A " open:" VSOCK " set-cid:150 exec:" program " "

/* clang-format off */
static const struct probe roles_probes[] = {
	{ "client: opens /dev/kvm and creates a VM", AS_CLIENT "open:" KVM " create-vm", ALLOWED, ALLOWED, {} },
	{ "manager: is refused /dev/kvm", AS_MANAGER "open:" KVM, ALLOWED, EPERM, { MANAGER_OF_A(OPEN, 0) } },
	{ "VMM: opens /dev/kvm and creates a VM", AS_VMM "open:" KVM " create-vm", ALLOWED, ALLOWED, {} },
	{ "kvm user: opens /dev/kvm and creates a VM", AS_KVM_USER "open:" KVM " create-vm", ALLOWED, ALLOWED, {} },
	{ "manager: is refused KVM_CREATE_VM on its client's descriptor", AS_CLIENT "open:" KVM " exec:" MANAGER " create-vm",
	  ALLOWED, EPERM, { MANAGER_OF_A(CREATE_VM, 0) } },
	{ "no label: is refused KVM_CREATE_VM on a client's descriptor", AS_CLIENT "open:" KVM " exec:" UNLISTED " create-vm",
	  ALLOWED, EPERM, { NO_LABEL(CREATE_VM) } },
	{ "VMM: creates a VM on its client's descriptor", AS_CLIENT "open:" KVM " exec:" VMM " create-vm", ALLOWED, ALLOWED, {} },

	{ "client: opens /dev/vhost-vsock, claims and runs", AS_CLIENT "open:" VSOCK " prepare set-cid:150 run:1", ALLOWED,
	  ALLOWED, {} },
	{ "manager: is refused /dev/vhost-vsock", AS_MANAGER "open:" VSOCK, ALLOWED, EPERM, { MANAGER_OF_A(OPEN, 0) } },
	{ "VMM: opens /dev/vhost-vsock, claims and runs", AS_VMM "open:" VSOCK " prepare set-cid:150 run:1", ALLOWED, ALLOWED,
	  {} },
	{ "VMM: claims and runs in a thread", AS_VMM "open:" VSOCK " prepare thread set-cid:150 run:1", ALLOWED, ALLOWED, {} },
	{ "VMM: a forked child claims and runs", AS_VMM "open:" VSOCK " fork prepare set-cid:150 run:1", ALLOWED, ALLOWED, {} },
	{ "manager: is refused to claim on its client's descriptor", LEFT_TO(MANAGER) "set-cid:150", ALLOWED, EPERM,
	  { MANAGER_OF_A(SET_CID, 150) } },
	{ "no label: is refused to claim on a client's descriptor", LEFT_TO(UNLISTED) "set-cid:150", ALLOWED, EPERM,
	  { NO_LABEL_CID(SET_CID, 150) } },
	{ "VMM: claims on its client's descriptor", LEFT_TO(VMM) "set-cid:151", ALLOWED, ALLOWED, {} },
	/* Without the policy it is vhost that refuses, for want of an owner: the audit tells the two apart. */
	{ "manager: is refused to run on its client's descriptor", LEFT_TO(MANAGER) "run:1", EPERM, EPERM,
	  { MANAGER_OF_A(RUN_CID, 150) } },
	{ "no label: is refused to run on a client's descriptor", LEFT_TO(UNLISTED) "run:1", EPERM, EPERM,
	  { NO_LABEL_CID(RUN_CID, 150) } },
	{ "manager: is refused any other vhost ioctl", LEFT_TO(MANAGER) "set-owner", ALLOWED, EPERM,
	  { MANAGER_OF_A(VSOCK_IOCTL, 0) } },
	{ "no label: is refused any other vhost ioctl", LEFT_TO(UNLISTED) "set-owner", ALLOWED, EPERM, { NO_LABEL(VSOCK_IOCTL) } },
	{ "VMM: does other vhost ioctls", LEFT_TO(VMM) "set-owner", ALLOWED, ALLOWED, {} },
};
/* clang-format on */
PROMISE(roles_promise, "each role has its rights, and no others", roles_probes);
