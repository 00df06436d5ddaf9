/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on what keeps the programs attached: the pins, the mounts that they depend on, ftrace. */
#include <errno.h>
#include <linux/version.h>

#include "attack.h"

#define PIN "/sys/fs/bpf/early_vm"
#define NODE PIN "/links/device_open"
#define PLACE "/mnt/vm/moved"
#define STANDS " open:/dev/kvm" /* refused: the policy is still there */
#define HARMLESS "nothing, and nothing is gained: the pins are where they were"
#define BY_USER(errno_name) ALLOWED, EPERM, errno_name
#define DIRECTORY_BITS "; a user: the directory's mode"

/* clang-format off */
static const struct attack pin_attacks[] = {
	{ "unlink a link's pin", "unlink:" NODE, "seal_unlink" DIRECTORY_BITS, BY_USER(EACCES), SEALED(PIN, REMOVE) },
	{ "unlink a map's pin", "unlink:" PIN "/claims", "seal_unlink" DIRECTORY_BITS, BY_USER(EACCES), SEALED(PIN, REMOVE) },
	{ "rename a link's pin", "rename:" NODE ":" PIN "/links/x", "seal_rename" DIRECTORY_BITS, BY_USER(EACCES), SEALED(PIN, RENAME) },
	{ "move a link's pin out of its directory", "rename:" NODE ":/sys/fs/bpf/x", "seal_rename" DIRECTORY_BITS, BY_USER(EACCES), SEALED(PIN, RENAME) },
	{ "rename the directory of the links", "rename:" PIN "/links:" PIN "/old", "seal_rename" DIRECTORY_BITS, BY_USER(EACCES), SEALED(PIN, RENAME) },
	{ "rename the directory of the pins", "rename:" PIN ":/sys/fs/bpf/old", "seal_rename; a user: the sticky bit", BY_USER(EPERM), SEALED(PIN, RENAME) },
	{ "exchange the directory of the pins for another", "mkdir:/sys/fs/bpf/new exchange:/sys/fs/bpf/new:" PIN, "seal_rename", ALLOWED, EPERM, NOT_TRIED, SEALED(PIN, RENAME) },
	{ "rmdir the directory of the links", "rmdir:" PIN "/links", "seal_rmdir" DIRECTORY_BITS, ENOTEMPTY, EPERM, EACCES, SEALED(PIN, REMOVE) },
};
/* clang-format on */
GROUP(pin_group, "pins", pin_attacks);

#define PRIVATE "mount-ns umount-lazy:/sys "
#define GUARD "seal_umount"

/* clang-format off */
static const struct attack mount_attacks[] = {
	{ "umount the BPF file system", "umount:/sys/fs/bpf", GUARD, BY_USER(EPERM), SEALED(MOUNT, UMOUNT) },
	{ "umount it lazily", "umount-lazy:/sys/fs/bpf", GUARD, BY_USER(EPERM), SEALED(MOUNT, UMOUNT) },
	{ "umount it by force", "umount-force:/sys/fs/bpf", GUARD, BY_USER(EPERM), SEALED(MOUNT, UMOUNT) },
	{ "umount /sys lazily", "umount-lazy:/sys", GUARD, BY_USER(EPERM), SEALED(MOUNT, UMOUNT) },
	{ "umount /sys", "umount:/sys", GUARD, EBUSY, EPERM, EPERM, SEALED(MOUNT, UMOUNT) },
	{ "umount /sys in a copy of the namespace that propagates", "shared-copy umount:/sys", GUARD ": the peer group", EBUSY, EPERM, NOT_TRIED, SEALED(MOUNT, UMOUNT) },
	{ "private namespace: umount the copy, rmdir /sys", PRIVATE "rmdir:/sys", "seal_rmdir", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, REMOVE) },
	{ "private namespace: rename another directory over /sys", PRIVATE "mkdir:/other rename:/other:/sys", "seal_rename", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "private namespace: rename /sys away", PRIVATE "rename:/sys:/away", "seal_rename", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "private namespace: exchange /sys for another directory", PRIVATE "mkdir:/other exchange:/other:/sys", "seal_rename", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "umount in a copy of the namespace that propagates", "shared-copy umount-lazy:/sys", GUARD ": the peer group", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, UMOUNT) },
	{ "the same with the BPF file system alone", "shared-copy umount:/sys/fs/bpf", GUARD ": the peer group", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, UMOUNT) },
	{ "mount over it", "bind-mount:/tmp:/sys/fs/bpf" STANDS, HARMLESS, EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "mount over the directory of the links", "bind-mount:/tmp:" PIN "/links" STANDS, HARMLESS, EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "mount over a link's pin", "bind-mount:/enf/unlisted:" NODE STANDS, HARMLESS, EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "a second BPF file system over it", "bpffs:/sys/fs/bpf" STANDS, HARMLESS, EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "mount it read-only", "read-only:/sys/fs/bpf" STANDS, HARMLESS, EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "umount a bind mount of it", "bind-mount:/sys/fs/bpf:/mnt/vm/copy umount:/mnt/vm/copy" STANDS, HARMLESS, EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "move it", "move-pins:" PLACE "/1", "seal_mount", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "move it by move_mount(2)", "move-pins-new:" PLACE "/2", "seal_move_mount", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "move it below 20 mounts, umount the first", "deep:20", "seal_mount", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "move it to the directory of a process that ends", "bury", "seal_mount", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "the same with a file system between", "bury:tmpfs", "seal_mount", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "the same by move_mount(2)", "bury:new", "seal_move_mount", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "put the directory of a process that ends beneath it", "beneath", "seal_move_mount; before 6.5, the kernel", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME),
	  .since = KERNEL_VERSION(6, 5, 0), .before = EINVAL },
	{ "pivot_root with the old root there", "pivot-bury", "seal_pivot_root", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME) },
	{ "move it while another process unmounts the place", "race-away", "seal_mount: no move, so no race", ALLOWED, EPERM, NOT_TRIED, SEALED(MOUNT, RENAME), .race = true },
	/* The last of all, because the pins are out of sight afterwards. */
	{ "share the root by mount_setattr(2), copy all mounts, umount the copy", "propagate-away",
	  "nothing: the mounts go. The policy stays, by its own reference to the pins (init/self_hold.h)", ALLOWED, ALLOWED, NOT_TRIED, {} },
};
/* clang-format on */
GROUP(mount_group, "mounts", mount_attacks);

#define SWITCH "sys/kernel/ftrace_enabled"

/* clang-format off */
static const struct attack ftrace_attacks[] = {
	{ "switch ftrace off", "say:/proc/" SWITCH ":1", "device_open; a user: the file's mode", BY_USER(EACCES), SEALED(FTRACE, WRITE) },
	{ "through another mount of proc", "proc:/mnt/vm/proc say:/mnt/vm/proc/" SWITCH ":1", "device_open: by the file system's type and the name", ALLOWED, EPERM, NOT_TRIED,
	  SEALED(FTRACE, WRITE) },
	{ "through a process's root", "say:/proc/1/root/proc/" SWITCH ":1", "device_open; a user: the directory's mode", BY_USER(EACCES), SEALED(FTRACE, WRITE) },
	{ "through a bind mount of the file", "bind-mount:/proc/" SWITCH ":/mnt/vm/file say:/mnt/vm/file:1", "device_open", ALLOWED, EPERM, NOT_TRIED, SEALED(FTRACE, WRITE) },
	{ "change the file's mode", "put:chmod:/proc/" SWITCH, "proc: no such change", EPERM, EPERM, EPERM, {} },
};
/* clang-format on */
GROUP(ftrace_group, "ftrace", ftrace_attacks);
