/* SPDX-License-Identifier: Apache-2.0 */
/* drop-execute:FILE: removes its execute bits by a POSIX ACL, which does not call the hook of chmod(2). */
#include <errno.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "actor/actor.h"

/* include/uapi/linux/posix_acl_xattr.h: little-endian */
struct entry {
	uint16_t tag;
	uint16_t rights;
	uint32_t id;
};

enum { VERSION = 2, USER_OBJ = 1, GROUP_OBJ = 4, OTHER = 32, NO_ID = -1 };

/* Refused with EPERM is no failure here: from 6.2 on another hook is asked than before, so what follows is the answer. */
static int drop_execute(char *path)
{
	static const struct {
		uint32_t version;
		struct entry entries[3];
	} list = { VERSION, { { USER_OBJ, 6, NO_ID }, { GROUP_OBJ, 4, NO_ID }, { OTHER, 4, NO_ID } } };
	struct stat st;

	if (setxattr(path, "system.posix_acl_access", &list, sizeof(list), 0))
		return errno == EPERM ? 0 : -errno;
	if (stat(path, &st))
		return -errno;
	return st.st_mode & 0111 ? -EBADMSG : 0;
}

const struct step acl_steps[] = {
	{ "drop-execute", drop_execute },
	{},
};
