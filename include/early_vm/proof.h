/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * What the loader has tried after it set the seal, and was refused by the policy itself: the bits of evm_seal.proofs.  A policy
 * is sealed only if every one of them is set that can be tried on the machine.
 *
 * P(name, word, what was tried).  New rows are added at the end.
 */
#ifndef EARLY_VM_PROOF_H
#define EARLY_VM_PROOF_H

#define EVM_PROOFS(P) \
	P(WRITE_FILE, "write_file", "opening a listed file for writing") \
	P(SET_ATTR, "set_attr", "changing the mode of a listed file") \
	P(SET_XATTR, "set_xattr", "setting an extended attribute of a listed file") \
	P(UNLINK_FILE, "unlink_file", "removing a listed file") \
	P(RENAME_FILE, "rename_file", "renaming a listed file") \
	P(LINK_FILE, "link_file", "making a hard link to a listed file") \
	P(UNLINK_PIN, "unlink_pin", "removing a pin") \
	P(RENAME_PIN, "rename_pin", "renaming a pin") \
	P(RMDIR_PINS, "rmdir_pins", "removing the directory of the pins") \
	P(UMOUNT, "umount", "unmounting the file system of the pins") \
	P(UMOUNT_COPY, "umount_copy", "unmounting it in a copy of the mount namespace that propagates") \
	P(MOVE, "move", "moving the file system of the pins by mount(2)") \
	P(MOVE_MOUNT, "move_mount", "moving it by move_mount(2)") \
	P(PIVOT_ROOT, "pivot_root", "pivot_root(2) in the namespace of the pins") \
	P(FTRACE, "ftrace", "opening ftrace's switch for writing") \
	P(PROGRAM, "program", "loading a program that would answer before the policy") \
	P(WRITE_USER, "write_user", "loading a program that writes to the memory of processes") \
	P(MAP_OF_MAPS, "map_of_maps", "making a map that could hold the policy's rules") \
	P(WRITE_MAP, "write_map", "writing the policy's rules") \
	P(TRACE, "trace", "tracing a labelled task") \
	P(RENAME_POINT, "rename_point", "renaming the directory below the root on which the pins' mounts are mounted") \
	P(HOLD, "hold", "the file system of the pins stays, whatever is unmounted") \
	P(UPROBE, "uprobe", "setting a uprobe on a listed file")

/* clang-format off */
enum evm_proof {
#define EVM_PROOF_ENTRY(name, ...) EVM_PROOF_##name,
	EVM_PROOFS(EVM_PROOF_ENTRY)
#undef EVM_PROOF_ENTRY
	EVM_PROOF_COUNT,
};
/* clang-format on */

_Static_assert(EVM_PROOF_COUNT <= 64, "a bit for each in evm_seal.proofs");

#endif
