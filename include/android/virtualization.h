/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Android's C interface to virtual machines, as of its API level 36, and of level 37 what has a meaning for early VMs.
 * A client that was written for Android's libavf compiles and links without a change.
 *
 * Names, signatures and numbers are those of Android's header of this name (packages/modules/Virtualization, libs/libavf).
 * Not here: level 37's memory mappings and accessors, which need a running crosvm of Android's, and binder.
 *
 * Ownership of descriptors passes to the function that gets them, also when it fails.  Only -1 stands for none.
 *
 * Any function may be called from any thread, also on the same object at the same time; but an object must not be used
 * by others while it is destroyed.  No function may be used between fork(2) and exec(2) in the child.
 *
 * Where -EIO is all that a function says, evm_error() of early_vm/client.h has the words.
 */
#ifndef ANDROID_VIRTUALIZATION_H
#define ANDROID_VIRTUALIZATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* What clang knows about pointers, other compilers don't. */
#if !defined(__clang__) && !defined(_Nonnull)
#define _Nonnull
#define _Nullable
#define _Null_unspecified
#endif

struct timespec; /* which time.h of strict C99 lacks */

#ifdef __cplusplus
extern "C" {
#endif

/* What a virtual machine is made of.  Not thread-safe, unlike the others. */
typedef struct AVirtualMachineRawConfig AVirtualMachineRawConfig;

/* Never NULL: when memory is short, the program is aborted.  Free it with _destroy, or give it to _createRaw. */
AVirtualMachineRawConfig *_Nonnull AVirtualMachineRawConfig_create(void);

/* Closes its descriptors.  NULL is fine. */
void AVirtualMachineRawConfig_destroy(AVirtualMachineRawConfig *_Nullable config);

/* The name that early_vms.xml lists for this binary; it is copied, and required.  -EINVAL: no UTF-8, or over 127 bytes. */
int AVirtualMachineRawConfig_setName(AVirtualMachineRawConfig *_Nonnull config, const char *_Nonnull name);

/*
 * A number that stays the same for this VM and tells it from others, 64 bytes, copied; all zero is none.  Clients on the
 * partitions vendor and odm use ids that begin with FF FF FF FF.  -EINVAL: the size is not 64.
 */
int AVirtualMachineRawConfig_setInstanceId(AVirtualMachineRawConfig *_Nonnull config, const uint8_t *_Nonnull instanceId,
					   size_t instanceIdSize);

/* A kernel image, required, and an initial ramdisk, both readable. */
void AVirtualMachineRawConfig_setKernel(AVirtualMachineRawConfig *_Nonnull config, int fd);
void AVirtualMachineRawConfig_setInitRd(AVirtualMachineRawConfig *_Nonnull config, int fd);

/* A further disk, in this order for the guest; 16 at most.  -EINVAL: FD is no open descriptor, or there are 16 already. */
int AVirtualMachineRawConfig_addDisk(AVirtualMachineRawConfig *_Nonnull config, int fd, bool writable);

/* Memory in MiB; 0 or less: the default, 256.  A protected VM gets what its swiotlb takes in addition. */
void AVirtualMachineRawConfig_setMemoryMiB(AVirtualMachineRawConfig *_Nonnull config, int32_t memoryMiB);

/* What a protected VM shares with the host, in MiB; 0 or less: the VMM's choice. */
void AVirtualMachineRawConfig_setSwiotlbMiB(AVirtualMachineRawConfig *_Nonnull config, int32_t swiotlbMiB);

/* The number of virtual CPUs; 1 unless it is set.  A number below 1 makes _createRaw fail. */
void AVirtualMachineRawConfig_setVCpuCount(AVirtualMachineRawConfig *_Nonnull config, int32_t n);

/* Whether the host must not see the guest's memory. */
void AVirtualMachineRawConfig_setProtectedVm(AVirtualMachineRawConfig *_Nonnull config, bool protectedVm);

/* Authentication that only some hypervisors have, none of those that serve early VMs: -ENOTSUP for true. */
int AVirtualMachineRawConfig_setHypervisorSpecificAuthMethod(AVirtualMachineRawConfig *_Nonnull config, bool enable);

/*
 * A file that the guest finds in its physical memory from rangeStart to rangeEnd, which is not included; 8 at most.
 * -EINVAL: FD is no open descriptor, the range is empty, or there are 8 already.
 */
int AVirtualMachineRawConfig_addCustomMemoryBackingFile(AVirtualMachineRawConfig *_Nonnull config, int fd, uint64_t rangeStart,
							uint64_t rangeEnd);

/* A device tree overlay (DTBO) for the guest's tree. */
void AVirtualMachineRawConfig_setDeviceTreeOverlay(AVirtualMachineRawConfig *_Nonnull config, int fd);

/* A connection to a manager of virtual machines, which is a child of this process. */
typedef struct AVirtualizationService AVirtualizationService;

/*
 * Starts a manager.  EARLY must be true, for there are early VMs only: else -ENOTSUP.  0; -ECONNREFUSED: the manager ended
 * before it was ready, and logged why; other negative errnos: it can't be run.  *service is untouched on failure.
 *
 * The manager looks at the executable of the process that calls this, and goes by the early_vms.xml of its partition.
 */
int AVirtualizationService_create(AVirtualizationService *_Null_unspecified *_Nonnull service, bool early);

/*
 * Ends the manager and all its virtual machines, and waits for it.  Their objects stay and have to be destroyed by
 * themselves.  NULL is fine.
 */
void AVirtualizationService_destroy(AVirtualizationService *_Nullable service);

typedef struct AVirtualMachine AVirtualMachine;

/* Why a virtual machine stopped.  early_vm/client.h tells more apart. */
#if defined(__cplusplus) || defined(__clang__)
enum AVirtualMachineStopReason : int32_t {
#else
enum AVirtualMachineStopReason {
#endif
	AVIRTUAL_MACHINE_UNRECOGNISED = 0, /* for a reason that has no number here */
	AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED = 1,
	AVIRTUAL_MACHINE_INFRASTRUCTURE_ERROR = 2, /* the VMM could not be waited for */
	AVIRTUAL_MACHINE_KILLED = 3,
	AVIRTUAL_MACHINE_UNKNOWN = 4,
	AVIRTUAL_MACHINE_SHUTDOWN = 5, /* the guest asked for it, or _stop did */
	AVIRTUAL_MACHINE_START_FAILED = 6,
	AVIRTUAL_MACHINE_REBOOT = 7,
	AVIRTUAL_MACHINE_CRASH = 8,
	AVIRTUAL_MACHINE_PVM_FIRMWARE_PUBLIC_KEY_MISMATCH = 9,
	AVIRTUAL_MACHINE_PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED = 10,
	AVIRTUAL_MACHINE_HANGUP = 11,
};
#ifndef __cplusplus
typedef enum AVirtualMachineStopReason AVirtualMachineStopReason;
#endif

/* Called with what was given to _startWithStopCallback. */
typedef void (*AVirtualMachine_stopCallback)(AVirtualMachine *_Nonnull vm, enum AVirtualMachineStopReason reason,
					     void *_Null_unspecified data);

/*
 * Makes a virtual machine that does not run yet.  CONFIG and the descriptors are consumed, also on failure: the guest's
 * console (consoleOutFd is written to, consoleInFd read from) and its log; -1: none.  0 or -EIO; *vm is untouched on failure.
 */
int AVirtualMachine_createRaw(const AVirtualizationService *_Nonnull service, AVirtualMachineRawConfig *_Nonnull config,
			      int consoleOutFd, int consoleInFd, int logFd, AVirtualMachine *_Null_unspecified *_Nonnull vm);

/* Returns when the VMM runs, 0, or could not be started, -EIO.  A virtual machine can be started once. */
int AVirtualMachine_start(AVirtualMachine *_Nonnull vm);

/*
 * The same; CALLBACK is called once, in a thread of its own, when the virtual machine has stopped after a start that
 * succeeded.  It may use and destroy VM.  After _destroy it is not called any more.  0 or a negative errno.  Level 37.
 */
int AVirtualMachine_startWithStopCallback(AVirtualMachine *_Nonnull vm, AVirtualMachine_stopCallback _Nullable callback,
					  void *_Null_unspecified data);

/*
 * Stops a running virtual machine at once, without telling its guest, and returns when it has stopped: 0; or -EIO, when it
 * does not run.
 */
int AVirtualMachine_stop(AVirtualMachine *_Nonnull vm);

/*
 * Connects to a vsock port of the guest, 1024 or higher, or 2 to 20.  Returns a stream, which the caller closes, or -EIO.
 * Others who use the same service wait while it is being made, 2 seconds at most.
 */
int AVirtualMachine_connectVsock(AVirtualMachine *_Nonnull vm, uint32_t port);

/*
 * Waits until VM has stopped, for TIMEOUT at most; NULL: for ever.  True: it has, and *reason says why, every time that
 * it is asked.  False: the time has passed, and *reason is untouched.
 */
bool AVirtualMachine_waitForStop(AVirtualMachine *_Nonnull vm, const struct timespec *_Nullable timeout,
				 enum AVirtualMachineStopReason *_Nonnull reason);

/* Stops it if it runs, and frees it.  NULL is fine. */
void AVirtualMachine_destroy(AVirtualMachine *_Nullable vm);

#ifdef __cplusplus
}
#endif

#endif
