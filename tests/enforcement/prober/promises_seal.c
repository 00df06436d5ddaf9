/* SPDX-License-Identifier: Apache-2.0 */
/* What the seal adds: listed files stay as they are. */
#include <errno.h>

#include "probe.h"

/* clang-format off */
#define FILE_KEPT(o) { EVENT(SEALED_FILE, o, NONE, 0, 0) }
#define OTHER "/enf/other"
#define MAKE_OTHER "copy:/enf/unlisted:" OTHER " "
/* clang-format on */

static const struct probe seal_probes[] = {
	{ "a listed file is not opened for writing", "append:/system/bin/client_grown", ALLOWED, EPERM,
	  FILE_KEPT(WRITE) },
	{ "another file is", MAKE_OTHER "append:" OTHER, ALLOWED, ALLOWED, {} },
	{ "a listed file's mode is not set", "chmod:/system/bin/client_chmod", ALLOWED, EPERM, FILE_KEPT(SET_ATTR) },
	{ "a listed file's times are not changed", "touch:/system/bin/client_changed", ALLOWED, EPERM,
	  FILE_KEPT(SET_ATTR) },
	{ "another file's are", MAKE_OTHER "chmod:" OTHER " touch:" OTHER, ALLOWED, ALLOWED, {} },
	{ "a listed file gets no second name", "link:/system/bin/client_linked:/system/bin/second.", ALLOWED, EPERM,
	  FILE_KEPT(LINK) },
	{ "another file does", MAKE_OTHER "link:" OTHER ":/enf/second", ALLOWED, ALLOWED, {} },
	{ "nothing is renamed to a listed path", "replace:/enf/unlisted:/system/bin/client_replaced", ALLOWED, EPERM,
	  FILE_KEPT(RENAME) },
	{ "it is to another path", MAKE_OTHER "replace:/enf/unlisted:" OTHER, ALLOWED, ALLOWED, {} },
	{ "a user's own mounts over it are the user's affair",
	  "mount-ns bind-mount:/enf/unlisted:" CLIENT_A,
	  ALLOWED,
	  ALLOWED,
	  {} },
};
PROMISE(seal_promise, "sealed: listed files stay as they are", seal_probes);
