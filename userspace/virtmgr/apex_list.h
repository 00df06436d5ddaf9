/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The APEXes of an Android system, as apexd lists them in /apex/apex-info-list.xml (system/apex, apexd/ApexInfoList.xsd), and which of them a
 * payload gets.  A host that is not Android has no such list, and no APEXes.
 */
#ifndef VIRTMGR_APEX_LIST_H
#define VIRTMGR_APEX_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtmgr/payload_config.h"

#define APEX_LIST_FILE "/apex/apex-info-list.xml"

enum { APEX_LIST_MAX = 256, APEX_NAME_MAX = 127, APEX_PATH_MAX = 511 };

struct apex {
	char name[APEX_NAME_MAX + 1];
	char preinstalled[APEX_PATH_MAX + 1]; /* its file on a read-only partition */
	uint64_t version;
	uint64_t last_update_seconds; /* the list says milliseconds, and means seconds */
	bool is_factory, is_active, provides_libraries;
};

struct apex_list {
	struct apex apexes[APEX_LIST_MAX];
	size_t count;
};

/* Reads the SIZE bytes of TEXT, which a NUL follows.  0, or a negative errno with REASON filled; RET may be half filled then. */
int apex_list_parse(const char *text, size_t size, struct apex_list *ret, struct reason *reason);

/* Reads APEX_LIST_FILE below ROOT; an empty list if there is none.  The same. */
int apex_list_read(const char *root, enum unsafe_files unsafe, struct apex_list *ret, struct reason *reason);

/*
 * Moves those that the payload gets to the beginning of LIST, which has no others then, in the order of Android: by name, version and time.
 * These are the active ones that CONFIG names, for a DEBUGGABLE VM com.android.adbd, and those that provide shared libraries.
 *
 * 0, or a negative errno with REASON filled: one that is named is not there, or can't be had by early VMs: a compressed one, one that is not
 * system's, those of the class path.
 */
int apex_list_select(struct apex_list *list, const struct payload_config *config, bool debuggable,
		     struct reason *reason);

#endif
