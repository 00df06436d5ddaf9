/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on the identity of executables: other code in the place of a listed file, or inside it. */
#include <errno.h>

#include "attack.h"

#define KVM " open:/dev/kvm"
#define DYNAMIC "exec:" CLIENT_DYNAMIC KVM
#define JAIL "/mnt/vm/jail"
/* A root on tmpfs, with the devices and the listed files, and a loader of the attacker's where the dynamic ones name it. */
#define OWN_ROOT "mount-ns tmpfs:" JAIL " bind-mount:/dev:" JAIL "/dev bind-mount:/system:" JAIL "/system copy:/enf/own_loader:" JAIL "/enf/lib/ld.so chroot:" JAIL " "
#define OWN_LIBRARY "mount-ns bind-mount:/enf/intruder.so:/enf/lib/libhelper.so "
#define NOT_THE_FILE "exec_decide: another file"
#define REFUSED ALLOWED, EPERM, EPERM, { NO_LABEL(OPEN) }, .bare = true, .user_events = true
#define REFUSED_ROOT ALLOWED, EPERM, NOT_TRIED, { NO_LABEL(OPEN) }, .bare = true
#define NOT_GAINED(why) { EVENT(why, EXEC, NONE, 0, 0), NO_LABEL(OPEN) }, .bare = true, .user_events = true
#define SECURE "exec_decide: AT_SECURE, so that the client's own code runs alone"
#define LINK_STATICALLY "not promised for dynamic programs (see \"Not promised\")"

/* clang-format off */
static const struct attack exec_attacks[] = {
	{ "a copy in memory (memfd)", "memfd-exec:" CLIENT_A KVM, NOT_THE_FILE, REFUSED, .comm = "" },
	{ "a copy without a name (O_TMPFILE)", "unnamed-exec:" CLIENT_A, NOT_THE_FILE, REFUSED, .comm = "" },
	{ "fexecve of a deleted copy", "copy:" CLIENT_A ":/tmp/deleted deleted-exec:/tmp/deleted", NOT_THE_FILE, REFUSED, .comm = "" },
	{ "binfmt_misc with the file's credentials", "misc:avmc:C exec:/system/bin/client.avmc" KVM, "exec_decide: an interpreter runs",
	  ALLOWED, EPERM, EPERM, NOT_GAINED(EXEC_INTERPRETED) },
	{ "the dynamic loader, run by hand", "exec-by:" LOADER ":" CLIENT_DYNAMIC KVM, NOT_THE_FILE, REFUSED, .comm = "ld.so" },
	{ "a library by LD_PRELOAD", "env:LD_PRELOAD=/enf/intruder.so " DYNAMIC, SECURE, INTRUDED, ALLOWED, ALLOWED, {}, .bare = true },
	{ "a library by LD_LIBRARY_PATH", "env:LD_LIBRARY_PATH=/enf/intruder " DYNAMIC, SECURE, INTRUDED, ALLOWED, ALLOWED, {}, .bare = true },
	{ "a library mounted over the client's, in a user's own namespaces", "user-ns " OWN_LIBRARY DYNAMIC, "exec_decide: the user namespace", INTRUDED, EPERM, EPERM,
	  NOT_GAINED(EXEC_USER_NS) },
	{ "the same by root", OWN_LIBRARY DYNAMIC, LINK_STATICALLY, INTRUDED, INTRUDED, NOT_TRIED, {}, .bare = true },
	{ "a seccomp supervisor that gives the client another library", "supervised " DYNAMIC, "exec_decide: as if it were traced", INTRUDED, EPERM, EPERM,
	  NOT_GAINED(EXEC_TRACED) },
	{ "root's chroot with another dynamic loader", OWN_ROOT DYNAMIC, LINK_STATICALLY, INTRUDED, INTRUDED, NOT_TRIED, {}, .bare = true },
	{ "the same for a static client", OWN_ROOT "exec:" CLIENT_A KVM, "not refused: the client's own code runs, and no other", ALLOWED, ALLOWED, NOT_TRIED, {}, .bare = true },
	{ "the inode's number again, after the listed file was deleted", "reuse-inode:/system/bin/client_victim",
	  "seal_unlink; unsealed, exec_decide: generation and change time; a user: the directory's mode", EPERM, EPERM, EACCES, { EVENT(SEALED_FILE, REMOVE, NONE, 0, 0) } },
	{ "an overlay over the listed path, with another file",
	  "mount-ns run-shell:mkdir+-p+/mnt/vm/o&&mount+-t+tmpfs+o+/mnt/vm/o&&mkdir+/mnt/vm/o/u+/mnt/vm/o/w&&mount+-t+overlay+-o+lowerdir=/system/bin,upperdir=/mnt/vm/o/u,workdir=/mnt/vm/o/w+o+/system/bin"
	  " copy:/enf/unlisted:" CLIENT_A " exec:" CLIENT_A KVM, NOT_THE_FILE, REFUSED_ROOT },
	{ "the listed file through an overlay", "mount-ns run-shell:mount+-t+overlay+-o+lowerdir=/system/bin:/tmp+o+/system/bin exec:" CLIENT_A KVM,
	  "exec_decide: the overlay's file is another one", REFUSED_ROOT },
};
/* clang-format on */
GROUP(exec_group, "executables", exec_attacks);
