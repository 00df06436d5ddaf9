/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Android's C interface to virtual machines, API levels 36 and 37.  A client that was written for Android's libavf compiles
 * and links without a change.
 *
 * Names, signatures and numbers are those of Android's header of this name (packages/modules/Virtualization, libs/libavf).
 * What early VMs don't have is declared all the same, and returns -ENOTSUP.
 *
 * Ownership of a descriptor passes to the function that it is given to, also when the function fails.  -1 stands for none.
 *
 * Thread-safety: any function may be called from any thread, also on the same object at the same time; a configuration
 * alone belongs to one thread at a time.  An object may be destroyed while other threads wait in a function for it: they
 * return, see the destroy functions.  Nobody may use it afterwards.  No function may be used in the child of a fork(2).
 *
 * Errors are returned as negative errno values.  The message that belongs to the last one is evm_error() of
 * early_vm/client.h.
 */
#ifndef ANDROID_VIRTUALIZATION_H
#define ANDROID_VIRTUALIZATION_H

/* As in Android's header: clients rely on exit() and EXIT_FAILURE, for example. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/cdefs.h>
#include <time.h>

/* Clang's qualifiers of pointers, which other compilers lack. */
#if !defined(__clang__) && !defined(_Nonnull)
#define _Nonnull
#define _Nullable
#define _Null_unspecified
#endif

/* Enumerations have 32 bits in Android's ABI.  C has no way to say so before C23, and uses int for them. */
#if defined(__cplusplus) || (defined(__STDC_VERSION__) && __STDC_VERSION__ >= 202311L)
#define AVIRTUAL_MACHINE_INT32 : int32_t
#else
#define AVIRTUAL_MACHINE_INT32
#endif

struct timespec; /* time.h lacks it in strict C99 */

#ifdef __cplusplus
extern "C" {
#endif

/* The configuration of a virtual machine.  Not thread-safe, unlike the other objects. */
typedef struct AVirtualMachineRawConfig AVirtualMachineRawConfig;

/*
 * Creates an empty configuration.  Never returns NULL: without memory, it aborts the program.  The caller owns it, until
 * AVirtualMachineRawConfig_destroy or AVirtualMachine_createRaw.
 */
AVirtualMachineRawConfig *_Nonnull AVirtualMachineRawConfig_create(void);

/* Frees CONFIG and closes its descriptors.  NULL is ignored. */
void AVirtualMachineRawConfig_destroy(AVirtualMachineRawConfig *_Nullable config);

/*
 * Sets the name that early_vms.xml lists for this binary.  It is required, and copied.  0; -EINVAL: NAME is not valid UTF-8,
 * or longer than 127 bytes.
 */
int AVirtualMachineRawConfig_setName(AVirtualMachineRawConfig *_Nonnull config, const char *_Nonnull name);

/*
 * Sets the instance ID, which identifies this VM across restarts: 64 bytes, copied; all zero stands for none.  Clients on
 * the partitions vendor and odm need one, and it has to begin with FF FF FF FF.  0; -EINVAL: the size is not 64.
 */
int AVirtualMachineRawConfig_setInstanceId(AVirtualMachineRawConfig *_Nonnull config,
					   const uint8_t *_Nonnull instanceId, size_t instanceIdSize);

/* Sets the kernel image, which is required, or the initial RAM disk.  FD: readable, taken over; -1 unsets it. */
void AVirtualMachineRawConfig_setKernel(AVirtualMachineRawConfig *_Nonnull config, int fd);
void AVirtualMachineRawConfig_setInitRd(AVirtualMachineRawConfig *_Nonnull config, int fd);

/*
 * Adds a disk; the guest sees disks in the order of these calls.  At most 16.  FD: readable, and writable if WRITABLE; taken
 * over.  0; -EINVAL: FD is not an open descriptor, or there are 16 disks already.
 */
int AVirtualMachineRawConfig_addDisk(AVirtualMachineRawConfig *_Nonnull config, int fd, bool writable);

/* Sets the size of memory in MiB; 0 or less: the default, 256.  A protected VM gets the size of its swiotlb in addition. */
void AVirtualMachineRawConfig_setMemoryMiB(AVirtualMachineRawConfig *_Nonnull config, int32_t memoryMiB);

/*
 * Sets the size in MiB of the memory that a protected VM shares with the host for DMA; 0 or less: the VMM's default.  Ignored,
 * as on Android, for a VM that is not protected, and on x86_64.
 */
void AVirtualMachineRawConfig_setSwiotlbMiB(AVirtualMachineRawConfig *_Nonnull config, int32_t swiotlbMiB);

/* Sets the number of virtual CPUs; the default is 1.  With a number below 1 AVirtualMachine_createRaw fails. */
void AVirtualMachineRawConfig_setVCpuCount(AVirtualMachineRawConfig *_Nonnull config, int32_t n);

/* Sets whether the host must not be able to read the guest's memory. */
void AVirtualMachineRawConfig_setProtectedVm(AVirtualMachineRawConfig *_Nonnull config, bool protectedVm);

/*
 * Sets whether a hypervisor's own authentication is used.  No hypervisor that runs early VMs has one: this returns 0, as on
 * Android, and with ENABLE AVirtualMachine_createRaw fails.
 */
int AVirtualMachineRawConfig_setHypervisorSpecificAuthMethod(AVirtualMachineRawConfig *_Nonnull config, bool enable);

/*
 * Maps a file into the guest's physical memory, from address rangeStart up to and without rangeEnd; both are multiples of
 * the page size.  At most 8 files.  FD: readable and writable, taken over.  0; -EINVAL: FD is not an open descriptor, the
 * range is empty, or there are 8 already.
 */
int AVirtualMachineRawConfig_addCustomMemoryBackingFile(AVirtualMachineRawConfig *_Nonnull config, int fd,
							uint64_t rangeStart, uint64_t rangeEnd);

/* Sets a device tree overlay (DTBO) that is applied to the guest's device tree.  FD: readable, taken over; -1 unsets it. */
void AVirtualMachineRawConfig_setDeviceTreeOverlay(AVirtualMachineRawConfig *_Nonnull config, int fd);

/* Level 37: services of a trusted execution environment, which early VMs don't have.  -ENOTSUP. */
int AVirtualMachineRawConfig_addTeeService(AVirtualMachineRawConfig *_Nonnull config, const char *_Nonnull name);

/* A connection to a manager of virtual machines, which is a child process of the client. */
typedef struct AVirtualizationService AVirtualizationService;

/*
 * Starts a manager and waits until it is ready.  The manager identifies its client by the executable of the process that
 * calls this, and uses the early_vms.xml files of that executable's partition.
 *
 * EARLY is true for early VMs.  With false, a client gets the manager of early VMs all the same, and a warning is written to
 * standard error, unless this system has Android's regular manager (/apex/com.android.virt/bin/virtmgr), which this library
 * can't talk to: -ENOTSUP.
 *
 * 0, and the caller owns *service; -ECONNREFUSED: the manager ended before it was ready, and logged why; -ENOENT: there is
 * none; other negative errnos: it can't be executed.  *service is untouched on failure.
 */
int AVirtualizationService_create(AVirtualizationService *_Null_unspecified *_Nonnull service, bool early);

/*
 * Stops all virtual machines of the service but those that are held, ends the manager, and waits for that.  Virtual machine
 * objects are not freed.  Threads that wait in a function for one of them return; requests that are under way fail with -EIO.
 * NULL is ignored.
 */
void AVirtualizationService_destroy(AVirtualizationService *_Nullable service);

typedef struct AVirtualMachine AVirtualMachine;

/* Why a virtual machine stopped.  evm_vm_end() of early_vm/client.h tells more reasons apart. */
enum AVirtualMachineStopReason AVIRTUAL_MACHINE_INT32 {
	AVIRTUAL_MACHINE_UNRECOGNISED = 0,                /* a reason without a number here */
	AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED = 1, /* the manager ended, and the VM with it */
	AVIRTUAL_MACHINE_INFRASTRUCTURE_ERROR = 2,        /* waiting for the VMM failed */
	/* the VMM was killed; or a VM that was never started was destroyed */
	AVIRTUAL_MACHINE_KILLED = 3,
	AVIRTUAL_MACHINE_UNKNOWN = 4,
	AVIRTUAL_MACHINE_SHUTDOWN = 5, /* the guest powered off */
	AVIRTUAL_MACHINE_START_FAILED = 6,
	AVIRTUAL_MACHINE_REBOOT = 7, /* the guest asked for a reset */
	AVIRTUAL_MACHINE_CRASH = 8,
	AVIRTUAL_MACHINE_PVM_FIRMWARE_PUBLIC_KEY_MISMATCH = 9,
	AVIRTUAL_MACHINE_PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED = 10,
	AVIRTUAL_MACHINE_HANGUP = 11, /* the payload did not report in time */
};
#ifndef __cplusplus
typedef enum AVirtualMachineStopReason AVirtualMachineStopReason;
#endif

/* Level 37. */
enum AVirtualMachineMemoryMappingAttributes AVIRTUAL_MACHINE_INT32 {
	AVIRTUAL_MACHINE_MEMORY_MAPPING_ATTRIBUTE_NONE = 0,
	AVIRTUAL_MACHINE_MEMORY_MAPPING_ATTRIBUTE_CACHE_COHERENT = 1,
};
#ifndef __cplusplus
typedef enum AVirtualMachineMemoryMappingAttributes AVirtualMachineMemoryMappingAttributes;
#endif

/* DATA is what was given to AVirtualMachine_startWithStopCallback. */
typedef void (*AVirtualMachine_stopCallback)(AVirtualMachine *_Nonnull vm, enum AVirtualMachineStopReason reason,
					     void *_Null_unspecified data);

/*
 * Creates a virtual machine that is not running.  CONFIG and the descriptors are consumed, also on failure.  The guest's
 * console is written to consoleOutFd and read from consoleInFd, its log is written to logFd; -1: the manager logs console
 * and log, and the console has no input.
 *
 * 0, and the caller owns *vm; or -EIO, with *vm untouched.
 */
int AVirtualMachine_createRaw(const AVirtualizationService *_Nonnull service, AVirtualMachineRawConfig *_Nonnull config,
			      int consoleOutFd, int consoleInFd, int logFd,
			      AVirtualMachine *_Null_unspecified *_Nonnull vm);

/* Starts VM, once.  0: the VMM runs; -EIO: it could not be started, or start was called before. */
int AVirtualMachine_start(AVirtualMachine *_Nonnull vm);

/*
 * Level 37: the same with a callback that is called once, in a thread of its own in which all signals are blocked, when VM
 * has stopped after a start that succeeded.  It may use and destroy VM; it is not called after AVirtualMachine_destroy, which
 * waits for one that is running.  NULL: no callback.  0 or a negative errno; -EAGAIN: no thread can be created, and VM was not
 * started and can be.
 */
int AVirtualMachine_startWithStopCallback(AVirtualMachine *_Nonnull vm, AVirtualMachine_stopCallback _Nullable callback,
					  void *_Null_unspecified data);

/* Stops VM without notifying its guest, and waits for the end.  0; -EIO: it does not run. */
int AVirtualMachine_stop(AVirtualMachine *_Nonnull vm);

/*
 * Connects to a vsock port of the guest, 1024 or higher, or 2 to 20.  Returns a stream socket that the caller owns, or -EIO.
 * Requests to the same service wait meanwhile, 2 seconds at most.
 */
int AVirtualMachine_connectVsock(AVirtualMachine *_Nonnull vm, uint32_t port);

/*
 * Waits until VM has stopped, for TIMEOUT at most; NULL: without a limit.  True: it has stopped, and *reason is why, in each
 * call anew.  False: the time has passed, or a VM that is held was destroyed meanwhile; *reason is untouched.
 */
bool AVirtualMachine_waitForStop(AVirtualMachine *_Nonnull vm, const struct timespec *_Nullable timeout,
				 enum AVirtualMachineStopReason *_Nonnull reason);

/*
 * Stops VM if it runs and is not held, gives up its CID, and frees it.  Threads that are in another function with VM
 * return: AVirtualMachine_waitForStop with the reason, which is AVIRTUAL_MACHINE_KILLED for a VM that was never started,
 * others with -EIO.  The memory is kept until the last of them has returned.  NULL is ignored.
 */
void AVirtualMachine_destroy(AVirtualMachine *_Nullable vm);

/*
 * Level 37: memory that is added to a VM that runs, and a binder accessor for a port of the guest.  Early VMs have neither:
 * -ENOTSUP, false and -ENOTSUP.  FD is closed.
 */
int AVirtualMachine_addMemoryMapping(AVirtualMachine *_Nonnull vm, int fd, uint64_t rangeStart, uint64_t rangeEnd,
				     uint64_t offset, enum AVirtualMachineMemoryMappingAttributes attributes);
bool AVirtualMachine_removeMemoryMapping(AVirtualMachine *_Nonnull vm, int memoryId);
int AVirtualMachine_addAccessor(AVirtualMachine *_Nonnull vm, const char *_Nonnull rpcName,
				const char *_Nonnull accessorName, uint32_t port);

#ifdef __cplusplus
}
#endif

#endif
