/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The floor to measure against: programs that do nothing, on the hooks that the policy uses for everyday system calls.
 */
#include "empty.h"

EMPTY("lsm/file_open", floor_open)
EMPTY("lsm/file_receive", floor_receive)
EMPTY("lsm/socket_bind", floor_bind)
EMPTY("lsm.s/file_ioctl", floor_ioctl)
EMPTY("lsm/inode_unlink", floor_unlink)
EMPTY("lsm/inode_rename", floor_rename)
EMPTY("lsm/inode_rmdir", floor_rmdir)
EMPTY("lsm/sb_umount", floor_umount)
EMPTY("lsm/sb_delete", floor_end_of_mount)
EMPTY("lsm/bprm_creds_from_file", floor_exec_decide)
EMPTY("lsm/bprm_committed_creds", floor_exec_commit)
EMPTY("lsm/task_alloc", floor_fork)
EMPTY("lsm/task_free", floor_gone)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
