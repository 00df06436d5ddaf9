/* SPDX-License-Identifier: Apache-2.0 */
/*
 * App configurations: a VM that runs what is in an APK, on a guest operating system of the platform.  As Android's load_app_config, this makes
 * an ordinary request of it, whose disks are
 *
 *	those of the operating system (os_config.h), which may be none
 *	a writable one    vm-instance, the client's instance image; encryptedstore, if the client has one
 *	the payload       payload-metadata (image/payload_metadata.h), microdroid-apex-N, microdroid-apk, microdroid-apk-idsig,
 *	                  extra-apk-N and extra-idsig-N; vbmeta and bootconfig, if the system has them
 *
 * Beside the system's configuration NAME.json are either NAME_initrd_normal.img and NAME_initrd_debuggable.img, as Android has them since
 * version 13, or NAME_bootconfig.normal, NAME_bootconfig.full_debuggable and fs/NAME_vbmeta_bootconfig.img, as it had them before.
 */
#ifndef VIRTMGR_APP_CONFIG_H
#define VIRTMGR_APP_CONFIG_H

#include "common/platform_policy.h"
#include "virtmgr/refusal.h"

/*
 * Makes REQUEST, which has an app config, one that has none.  ROOT: where the platform's files are, "" for the running system.  Nothing is written but
 * memory: when REQUEST is closed, nothing is left.
 *
 * 0, or a negative errno with REFUSAL filled; the descriptors are REQUEST's in both cases.
 */
int app_config_load(const char *root, const struct platform_policy *policy, struct evm_message *request,
		    struct refusal *refusal);

/* Whether the configuration of SYSTEM is there, below ROOT. */
bool guest_os_is_installed(const char *root, const struct guest_os *system);

#endif
