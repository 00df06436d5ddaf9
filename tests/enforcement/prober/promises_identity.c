/* SPDX-License-Identifier: Apache-2.0 */
/* How labels are gained and lost: by exec, by inheritance, and not by tampering. */
#include <errno.h>

#include "probe.h"

/* clang-format off */
#define KVM "open:/dev/kvm"
#define VSOCK "open:/dev/vhost-vsock "
#define A "exec:" CLIENT_A " "
#define TO_MANAGER "exec:" MANAGER " "
#define TO_VMM "exec:" VMM " "
#define REFUSED ALLOWED, EPERM, { NO_LABEL(OPEN) }
#define GRANTED ALLOWED, ALLOWED, {}
/* clang-format on */

/* clang-format off */
static const struct probe exec_probes[] = {
	{ "exec of a client's file gives its label", A KVM, GRANTED },
	{ "the audit lists the client", A "in-audit:1", ENOENT, ALLOWED, {} },
	{ "the audit lists the manager", A TO_MANAGER "in-audit:2", ENOENT, ALLOWED, {} },
	{ "the audit lists the VMM", A TO_MANAGER TO_VMM "in-audit:3", ENOENT, ALLOWED, {} },
	{ "exec from client to client changes the label", "exec:" CLIENT_B " " A VSOCK "set-cid:150", GRANTED },
	{ "and takes the old one away", "exec:" CLIENT_B " " A VSOCK "set-cid:160", ALLOWED, EPERM,
	  { EVENT(FOREIGN_CID, SET_CID, CLIENT, CID_A, CID_B) } },
	{ "client to manager to VMM keeps the client", A TO_MANAGER TO_VMM VSOCK "set-cid:150", GRANTED },
	{ "client to VMM keeps the client", A TO_VMM VSOCK "set-cid:150", GRANTED },
	{ "the manager started by an unlabelled task gains nothing", TO_MANAGER KVM, REFUSED },
	{ "a VMM started by an unlabelled task gains nothing", TO_VMM KVM, REFUSED },
	{ "a VMM started by a manager that an unlabelled task started gains nothing", TO_MANAGER TO_VMM KVM, REFUSED },
	{ "exec of anything else drops a client's label", A "exec:" UNLISTED " " KVM, REFUSED },
	{ "it does not come back with the VMM", A "exec:" UNLISTED " " TO_VMM KVM, REFUSED },
	{ "exec of anything else drops a manager's label", A TO_MANAGER "exec:" UNLISTED " " TO_VMM KVM, REFUSED },
	{ "exec of anything else drops a VMM's label", A TO_VMM "exec:" UNLISTED " " KVM, REFUSED },
	{ "a VMM that starts a VMM drops it", A TO_VMM TO_VMM KVM, REFUSED },
	{ "a VMM that starts a manager drops it", A TO_VMM TO_MANAGER KVM, REFUSED },
	{ "a manager that starts a manager drops it", A TO_MANAGER TO_MANAGER TO_VMM KVM, REFUSED },
	{ "exec of anything else drops a kvm user's label", "exec:" KVM_USER " exec:" UNLISTED " " KVM, REFUSED },
	{ "a kvm user that starts the manager drops it", "exec:" KVM_USER " " TO_MANAGER TO_VMM KVM, REFUSED },
	{ "fork inherits", A "fork fork " KVM, GRANTED },
	{ "vfork and exec inherit", A "vfork-exec:" MANAGER " vfork-exec:" VMM " " KVM, GRANTED },
	{ "threads inherit", A "thread fork thread " KVM, GRANTED },
	{ "a clone that shares memory inherits", A "clone-shared " KVM, GRANTED },
	{ "an unlabelled task's children inherit nothing", "fork thread clone-shared " KVM, REFUSED },
	{ "exec from a second thread gives the label", "thread " A KVM, GRANTED },
	{ "exec from a second thread keeps the client", A "thread " TO_MANAGER "idle-thread thread " TO_VMM KVM, GRANTED },
	{ "exec of anything else from a second thread drops it", A "idle-thread thread exec:" UNLISTED " " KVM, REFUSED },
	{ "a dropped label is not inherited", A "exec:" UNLISTED " fork thread " KVM, REFUSED },
	{ "an exec that gives a label is AT_SECURE", A "is-secure", ENODATA, ALLOWED, {} },
	{ "so is that of the manager", A TO_MANAGER "is-secure", ENODATA, ALLOWED, {} },
	{ "and that of a VMM by its client", A TO_VMM "is-secure", ENODATA, ALLOWED, {} },
	{ "but not that of a VMM by its manager", A TO_MANAGER TO_VMM "is-secure", ENODATA, ENODATA, {} },
	{ "so that the VMM dies with its manager", A TO_MANAGER "pdeathsig " TO_VMM "has-pdeathsig", GRANTED },
	{ "an exec without a label is as ever", "exec:" UNLISTED " is-secure", ENODATA, ENODATA, {} },
	{ "under no_new_privs a client gains nothing", "no-new-privs " A KVM, ALLOWED, EPERM,
	  { EVENT(EXEC_NO_NEW_PRIVS, EXEC, NONE, 0, 0), NO_LABEL(OPEN) } },
	{ "except one to which the platform allows it", "no-new-privs exec:" CLIENT_NNP " " KVM, GRANTED },
	{ "what a client starts under no_new_privs is no gain", A "no-new-privs " TO_MANAGER TO_VMM KVM, GRANTED },
	{ "a client that asked to be traced gains nothing", "traced " A KVM, ALLOWED, EPERM,
	  { EVENT(EXEC_TRACED, EXEC, NONE, 0, 0), NO_LABEL(OPEN) } },
	{ "a client that was seized gains nothing", "seized " A KVM, ALLOWED, EPERM,
	  { EVENT(EXEC_TRACED, EXEC, NONE, 0, 0), NO_LABEL(OPEN) } },
	{ "a traced client that starts another one gains nothing", A "traced exec:" CLIENT_B " " KVM, ALLOWED, EPERM,
	  { EVENT(EXEC_TRACED, EXEC, CLIENT, CID_A, 0), NO_LABEL(OPEN) } },
};
/* clang-format on */
PROMISE(exec_promise, "a label comes by a clean exec of a listed file, and goes where it should", exec_probes);

#define PRELOAD "env:LD_PRELOAD=/enf/intruder.so "
#define DYNAMIC "exec:" CLIENT_DYNAMIC " "

/* Clients of their own for what is done to them. */
#define REPLACED "/system/bin/client_replaced"
#define UPDATED "/system/bin/client_updated"
#define CHANGED "/system/bin/client_changed"
#define CHMOD "/system/bin/client_chmod"
#define GROWN "/system/bin/client_grown"
#define LINKED "/system/bin/client_linked"

/* clang-format off */
/* The intruder's code runs without the policy, and the program's own with it. */
#define KEPT_OUT INTRUDED, ALLOWED, {}

static const struct probe file_probes[] = {
	{ "a dynamic client opens /dev/kvm", DYNAMIC KVM, GRANTED },
	{ "LD_PRELOAD does not get into a client", PRELOAD DYNAMIC KVM, KEPT_OUT },
	{ "LD_AUDIT does not", "env:LD_AUDIT=/enf/intruder.so " DYNAMIC KVM, KEPT_OUT },
	{ "LD_LIBRARY_PATH does not", "env:LD_LIBRARY_PATH=/enf/intruder " DYNAMIC KVM, KEPT_OUT },
	{ "LD_PRELOAD does not get into a VMM through its client", PRELOAD A "exec:" VMM_DYNAMIC " " KVM, KEPT_OUT },
	{ "nor through client and manager", PRELOAD A TO_MANAGER "exec:" VMM_DYNAMIC " " KVM, KEPT_OUT },
	{ "a client run by a descriptor is the client", "fexec:" CLIENT_A " " KVM, GRANTED },
	{ "a client's file run by the dynamic loader gets no label", "exec-by:" LOADER ":" CLIENT_DYNAMIC " " KVM, REFUSED, "ld.so" },
	{ "a copy of a client gets no label", "copy:" CLIENT_A ":/enf/copy_of_a exec:/enf/copy_of_a " KVM, REFUSED },
	{ "a copy in memory gets no label", "memfd-exec:" CLIENT_A " " KVM, REFUSED, "" },
	{ "a script that is listed gives no label", "exec:/system/bin/client_script " KVM, REFUSED },
	{ "a script whose interpreter is a client runs that client", "exec:/enf/script_of_client " KVM, GRANTED },
	{ "an interpreter of binfmt_misc for a listed file gets no label", "misc:avm: exec:/system/bin/client.avm " KVM, REFUSED },
	{ "also with the credentials of that file", "misc:avmc:C exec:/system/bin/client.avmc " KVM, ALLOWED, EPERM,
	  { EVENT(EXEC_INTERPRETED, EXEC, NONE, 0, 0), NO_LABEL(OPEN) } },
	{ "an unlisted file mounted over a client gets no label", "mount-ns bind-mount:/enf/unlisted:" CLIENT_A " " A KVM, REFUSED },
	{ "a client mounted over an unlisted file is the client", "mount-ns bind-mount:" CLIENT_A ":/enf/unlisted exec:/enf/unlisted " KVM, GRANTED },
	{ "a listed path is a client's", "exec:" REPLACED " " KVM, GRANTED, .unsealed = true },
	{ "until an unlisted file is renamed to it", "replace:/enf/unlisted:" REPLACED " exec:" REPLACED " " KVM, REFUSED, .unsealed = true },
	{ "a listed path is a client's, still", "exec:" UPDATED " " KVM, GRANTED, .unsealed = true },
	{ "until the same bytes are renamed to it", "replace:" CLIENT_A ":" UPDATED " exec:" UPDATED " " KVM, REFUSED, .unsealed = true },
	{ "a listed file is a client", "exec:" CHANGED " " KVM, GRANTED, .unsealed = true },
	{ "until its times are changed", "touch:" CHANGED " exec:" CHANGED " " KVM, REFUSED, .unsealed = true },
	{ "another listed file is a client", "exec:" CHMOD " " KVM, GRANTED, .unsealed = true },
	{ "until its mode is set", "chmod:" CHMOD " exec:" CHMOD " " KVM, REFUSED, .unsealed = true },
	{ "a third listed file is a client", "exec:" GROWN " " KVM, GRANTED, .unsealed = true },
	{ "until it is written to", "append:" GROWN " exec:" GROWN " " KVM, REFUSED, .unsealed = true },
	{ "a fourth listed file is a client", "exec:" LINKED " " KVM, GRANTED, .unsealed = true },
	{ "until it gets another name", "link:" LINKED ":/system/bin/other exec:/system/bin/other " KVM, REFUSED, .unsealed = true },
};
/* clang-format on */
PROMISE(file_promise, "code that is not the listed file does not get its label", file_probes);

#define BY_USER "uid:1000 "
#define JAIL "/mnt/vm/jail"
/* clang-format off */
/* A root on tmpfs with the devices and the listed files in it, and a loader at the place that they name. */
#define NEW_ROOT "tmpfs:" JAIL " bind-mount:/dev:" JAIL "/dev bind-mount:/system:" JAIL "/system "
#define OWN_LOADER "copy:/enf/own_loader:" JAIL "/enf/lib/ld.so "
#define GENUINE "bind-mount:/usr:" JAIL "/usr symlink:usr/lib:" JAIL "/lib symlink:usr/lib64:" JAIL "/lib64 bind-mount:/enf:" JAIL "/enf "
#define OWN_PRELOAD "write:" JAIL "/etc/ld.so.preload:/enf/intruder.so "
#define ENTER "chroot:" JAIL " "
#define OWN_NAMESPACES "user-ns mount-ns "
#define NOT_GAINED(why) { EVENT(why, EXEC, NONE, 0, 0), NO_LABEL(OPEN) }
/* clang-format on */

/* clang-format off */
static const struct probe namespace_probes[] = {
	{ "a user's dynamic client opens /dev/kvm", BY_USER DYNAMIC KVM, GRANTED },
	{ "own namespaces, root on tmpfs, own loader: the loader gains nothing",
	  BY_USER OWN_NAMESPACES NEW_ROOT OWN_LOADER ENTER DYNAMIC KVM, INTRUDED, EPERM, NOT_GAINED(EXEC_USER_NS) },
	{ "own namespaces, real loader, own ld.so.preload: the library gains nothing",
	  BY_USER OWN_NAMESPACES NEW_ROOT GENUINE OWN_PRELOAD ENTER DYNAMIC KVM, INTRUDED, EPERM, NOT_GAINED(EXEC_USER_NS) },
	{ "own user namespace alone, hard link, own loader, chroot: the loader gains nothing",
	  BY_USER "user-ns chroot:" LINK_JAIL " exec:/client " KVM, INTRUDED, EPERM, NOT_GAINED(EXEC_USER_NS) },
	{ "own user namespace alone, exec in place: nothing is gained", BY_USER "user-ns " DYNAMIC KVM, ALLOWED, EPERM,
	  NOT_GAINED(EXEC_USER_NS) },
	{ "root that joins a user's mount namespace: the user's loader gains nothing",
	  "beside:7 " BY_USER OWN_NAMESPACES NEW_ROOT OWN_LOADER "join-mounts " ENTER DYNAMIC KVM, INTRUDED, EPERM,
	  NOT_GAINED(EXEC_MOUNT_NS) },
	{ "root in a mount namespace of its own: a client", "mount-ns " DYNAMIC KVM, GRANTED },
	{ "root's chroot with the real loader, then a user: a client", "mount-ns " NEW_ROOT GENUINE ENTER BY_USER DYNAMIC KVM, GRANTED },
	{ "root's own user namespace: nothing is gained", "user-ns " DYNAMIC KVM, ALLOWED, EPERM, NOT_GAINED(EXEC_USER_NS) },
	{ "no_new_privs: nothing is gained", BY_USER "no-new-privs " DYNAMIC KVM, ALLOWED, EPERM, NOT_GAINED(EXEC_NO_NEW_PRIVS) },
	{ "a child that shares the root directory is alive: nothing is gained", BY_USER "fs-sharer " DYNAMIC KVM, ALLOWED, EPERM, NOT_GAINED(EXEC_SHARED_FS) },
	{ "and shares the memory too: nothing is gained", BY_USER "fs-sharer:vm " DYNAMIC KVM, ALLOWED, EPERM, NOT_GAINED(EXEC_SHARED_FS) },
	{ "the root's too: nothing is gained", "fs-sharer " DYNAMIC KVM, ALLOWED, EPERM, NOT_GAINED(EXEC_SHARED_FS) },
	{ "a client that shares its root directory keeps its client", A "fs-sharer " TO_MANAGER TO_VMM KVM, GRANTED },
	{ "and gains no other one's label", A "fs-sharer exec:" CLIENT_B " " KVM, ALLOWED, EPERM,
	  { EVENT(EXEC_SHARED_FS, EXEC, CLIENT, CID_A, 0), NO_LABEL(OPEN) } },
	{ "threads share it among themselves: a client", BY_USER "idle-thread thread " DYNAMIC KVM, GRANTED },
	{ "a labelled VMM keeps its label in a user namespace", A TO_VMM "user-ns " KVM, GRANTED },
	{ "a labelled client keeps it for its manager", A "user-ns mount-ns " TO_MANAGER TO_VMM KVM, GRANTED },
};
/* clang-format on */
PROMISE(namespace_promise, "nor by a tampered namespace or library path", namespace_probes);

/* More threads than the table has places for; the kernel's own limit is lifted first. */
#define LIMIT "write:/proc/sys/kernel/threads-max:20000 "
#define MANY_THREADS LIMIT "threads:8300"

/* clang-format off */
static const struct probe table_probes[] = {
	{ "a thread of a client beyond the table is refused", A MANY_THREADS, ALLOWED, EAGAIN,
	  { EVENT(TABLE_FULL, FORK, CLIENT, CID_A, 0) } },
	{ "threads of an unlabelled task need no place in it", MANY_THREADS, GRANTED },
	{ "children that have ended, and that nobody has waited for, make room", A LIMIT "zombies:400 threads:7900", GRANTED },
	{ "the places come back", A "fork thread " KVM, GRANTED },
};
/* clang-format on */
PROMISE(table_promise, "nor by filling the table of labels", table_probes);
