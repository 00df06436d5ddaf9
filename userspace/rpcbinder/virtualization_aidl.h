/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AIDL of Android's virtualization service (packages/modules/Virtualization), as lists.  Everything else is made of them: the
 * indices below, the tables in virtualization_aidl.c, the readers and writers that walk these, the table in
 * docs/virtualization_aidl.md.  Fields and methods are in the order of the .aidl files, which is the order on the wire.
 *
 * X(parcelable, field, type, releases that have it); a union's tag is its member's place in the list.
 */
#ifndef RPCBINDER_VIRTUALIZATION_AIDL_H
#define RPCBINDER_VIRTUALIZATION_AIDL_H

#include "rpcbinder/aidl.h"

#define AIDL_Partition(X)                               \
	X(Partition, label, string, SINCE_15Q)          \
	X(Partition, image, fd, SINCE_15Q)              \
	X(Partition, writable, boolean, SINCE_15Q)      \
	X(Partition, guid, nullable_string, SINCE_15Q)

#define AIDL_DiskImage(X)                                     \
	X(DiskImage, image, nullable_fd, SINCE_15Q)           \
	X(DiskImage, writable, boolean, SINCE_15Q)            \
	X(DiskImage, partitions, Partition_array, SINCE_15Q)  \
	X(DiskImage, id, nullable_string, SINCE_26)

#define AIDL_SharedPath(X)                             \
	X(SharedPath, sharedPath, string, SINCE_15Q)   \
	X(SharedPath, hostUid, int, SINCE_15Q)         \
	X(SharedPath, hostGid, int, SINCE_15Q)         \
	X(SharedPath, guestUid, int, SINCE_15Q)        \
	X(SharedPath, guestGid, int, SINCE_15Q)        \
	X(SharedPath, mask, int, SINCE_15Q)            \
	X(SharedPath, tag, string, SINCE_15Q)          \
	X(SharedPath, socketPath, string, SINCE_15Q)   \
	X(SharedPath, socketFd, nullable_fd, SINCE_15Q) \
	X(SharedPath, appDomain, boolean, SINCE_15Q)

#define AIDL_CpuTopology(X)                          \
	X(CpuTopology, cpuCount, int, SINCE_15Q)     \
	X(CpuTopology, matchHost, boolean, SINCE_15Q)

#define AIDL_CpuOptions(X) X(CpuOptions, cpuTopology, CpuTopology, SINCE_15Q)

#define AIDL_AssignedDevices(X)                                 \
	X(AssignedDevices, devices, string_array, SINCE_15Q)    \
	X(AssignedDevices, dtbo, nullable_fd, SINCE_15Q)

#define AIDL_DisplayConfig(X)                          \
	X(DisplayConfig, width, int, SINCE_15Q)        \
	X(DisplayConfig, height, int, SINCE_15Q)       \
	X(DisplayConfig, horizontalDpi, int, SINCE_15Q) \
	X(DisplayConfig, verticalDpi, int, SINCE_15Q)  \
	X(DisplayConfig, refreshRate, int, SINCE_15Q)

#define AIDL_SizedInput(X)                          \
	X(SizedInput, pfd, fd, SINCE_15Q)           \
	X(SizedInput, width, int, SINCE_15Q)        \
	X(SizedInput, height, int, SINCE_15Q)       \
	X(SizedInput, name, string, SINCE_15Q)

#define AIDL_PlainInput(X) X(PlainInput, pfd, fd, SINCE_15Q)

#define AIDL_InputDevice(X)                                  \
	X(InputDevice, singleTouch, SizedInput, SINCE_15Q)   \
	X(InputDevice, evDev, PlainInput, SINCE_15Q)         \
	X(InputDevice, keyboard, PlainInput, SINCE_15Q)      \
	X(InputDevice, mouse, PlainInput, SINCE_15Q)         \
	X(InputDevice, switches, PlainInput, SINCE_15Q)      \
	X(InputDevice, trackpad, SizedInput, SINCE_15Q)      \
	X(InputDevice, multiTouch, SizedInput, SINCE_15Q)

#define AIDL_GpuConfig(X)                                                     \
	X(GpuConfig, backend, nullable_string, SINCE_15Q)                     \
	X(GpuConfig, contextTypes, nullable_nullable_string_array, SINCE_15Q) \
	X(GpuConfig, pciAddress, nullable_string, SINCE_15Q)                  \
	X(GpuConfig, rendererFeatures, nullable_string, SINCE_15Q)            \
	X(GpuConfig, rendererUseEgl, boolean, SINCE_15Q)                      \
	X(GpuConfig, rendererUseGles, boolean, SINCE_15Q)                     \
	X(GpuConfig, rendererUseGlx, boolean, SINCE_15Q)                      \
	X(GpuConfig, rendererUseSurfaceless, boolean, SINCE_15Q)              \
	X(GpuConfig, rendererUseVulkan, boolean, SINCE_15Q)

#define AIDL_AudioConfig(X)                              \
	X(AudioConfig, useMicrophone, boolean, SINCE_15Q) \
	X(AudioConfig, useSpeaker, boolean, SINCE_15Q)

#define AIDL_UsbConfig(X) X(UsbConfig, controller, boolean, SINCE_15Q)

#define AIDL_CustomMemoryBackingFile(X)                           \
	X(CustomMemoryBackingFile, file, fd, SINCE_16)            \
	X(CustomMemoryBackingFile, rangeStart, long, SINCE_16)    \
	X(CustomMemoryBackingFile, size, long, SINCE_16)

#define AIDL_VirtualMachineRawConfig(X)                                                           \
	X(VirtualMachineRawConfig, name, string, SINCE_15Q)                                       \
	X(VirtualMachineRawConfig, instanceId, bytes64, SINCE_15Q)                                \
	X(VirtualMachineRawConfig, osName, string, SINCE_26)                                      \
	X(VirtualMachineRawConfig, kernel, nullable_fd, SINCE_15Q)                                \
	X(VirtualMachineRawConfig, initrd, nullable_fd, SINCE_15Q)                                \
	X(VirtualMachineRawConfig, params, nullable_string, SINCE_15Q)                            \
	X(VirtualMachineRawConfig, bootloader, nullable_fd, SINCE_15Q)                            \
	X(VirtualMachineRawConfig, disks, DiskImage_array, SINCE_15Q)                             \
	X(VirtualMachineRawConfig, sharedPaths, SharedPath_array, SINCE_15Q)                      \
	X(VirtualMachineRawConfig, protectedVm, boolean, SINCE_15Q)                               \
	X(VirtualMachineRawConfig, customPvmfw, nullable_fd, SINCE_26)                            \
	X(VirtualMachineRawConfig, memoryMib, int, SINCE_15Q)                                     \
	X(VirtualMachineRawConfig, swiotlbMib, int, SINCE_16)                                     \
	X(VirtualMachineRawConfig, cpuTopology, int, ONLY_15Q) /* 0 ONE_CPU, 1 MATCH_HOST */      \
	X(VirtualMachineRawConfig, cpuOptions, CpuOptions, SINCE_16)                              \
	X(VirtualMachineRawConfig, platformVersion, string, SINCE_15Q)                            \
	X(VirtualMachineRawConfig, gdbPort, int, SINCE_15Q)                                       \
	X(VirtualMachineRawConfig, hugePages, boolean, SINCE_15Q)                                 \
	X(VirtualMachineRawConfig, devicePaths, string_array, ONLY_15Q)                           \
	X(VirtualMachineRawConfig, devices, AssignedDevices, SINCE_16)                            \
	X(VirtualMachineRawConfig, displayConfig, nullable_DisplayConfig, SINCE_15Q)              \
	X(VirtualMachineRawConfig, inputDevices, InputDevice_array, SINCE_15Q)                    \
	X(VirtualMachineRawConfig, networkSupported, boolean, SINCE_15Q)                          \
	X(VirtualMachineRawConfig, consoleInputDevice, nullable_string, SINCE_15Q)                \
	X(VirtualMachineRawConfig, boostUclamp, boolean, SINCE_15Q)                               \
	X(VirtualMachineRawConfig, gpuConfig, nullable_GpuConfig, SINCE_15Q)                      \
	X(VirtualMachineRawConfig, audioConfig, nullable_AudioConfig, SINCE_15Q)                  \
	X(VirtualMachineRawConfig, noBalloon, boolean, ONLY_15Q)                                  \
	X(VirtualMachineRawConfig, balloon, boolean, SINCE_16)                                    \
	X(VirtualMachineRawConfig, usbConfig, nullable_UsbConfig, SINCE_15Q)                      \
	X(VirtualMachineRawConfig, teeServices, string_array, SINCE_15Q)                          \
	X(VirtualMachineRawConfig, enableHypervisorSpecificAuthMethod, boolean, SINCE_16)         \
	X(VirtualMachineRawConfig, customMemoryBackingFiles, CustomMemoryBackingFile_array, SINCE_16) \
	X(VirtualMachineRawConfig, hostServices, string_array, SINCE_26)

#define AIDL_VirtualMachinePayloadConfig(X)                                     \
	X(VirtualMachinePayloadConfig, payloadBinaryName, string, SINCE_15Q)    \
	X(VirtualMachinePayloadConfig, extraApks, fd_array, SINCE_15Q)

#define AIDL_Payload(X)                                                       \
	X(Payload, configPath, string, SINCE_15Q)                             \
	X(Payload, payloadConfig, VirtualMachinePayloadConfig, SINCE_15Q)

#define AIDL_CustomConfig(X)                                                  \
	X(CustomConfig, customKernelImage, nullable_fd, SINCE_15Q)            \
	X(CustomConfig, gdbPort, int, SINCE_15Q)                              \
	X(CustomConfig, vendorImage, nullable_fd, SINCE_15Q)                  \
	X(CustomConfig, devices, string_array, SINCE_15Q)                     \
	X(CustomConfig, wantUpdatable, boolean, SINCE_15Q)                    \
	X(CustomConfig, networkSupported, boolean, SINCE_15Q)                 \
	X(CustomConfig, extraKernelCmdlineParams, string_array, SINCE_15Q)    \
	X(CustomConfig, teeServices, string_array, SINCE_15Q)

#define AIDL_VirtualMachineAppConfig(X)                                              \
	X(VirtualMachineAppConfig, name, string, SINCE_15Q)                          \
	X(VirtualMachineAppConfig, instanceId, bytes64, SINCE_15Q)                   \
	X(VirtualMachineAppConfig, apk, fd, SINCE_15Q)                               \
	X(VirtualMachineAppConfig, idsig, fd, SINCE_15Q)                             \
	X(VirtualMachineAppConfig, extraIdsigs, fd_array, SINCE_15Q)                 \
	X(VirtualMachineAppConfig, instanceImage, fd, SINCE_15Q)                     \
	X(VirtualMachineAppConfig, encryptedStorageImage, nullable_fd, SINCE_15Q)    \
	X(VirtualMachineAppConfig, payload, Payload, SINCE_15Q)                      \
	X(VirtualMachineAppConfig, osName, string, SINCE_15Q)                        \
	X(VirtualMachineAppConfig, debugLevel, int, SINCE_15Q)                       \
	X(VirtualMachineAppConfig, protectedVm, boolean, SINCE_15Q)                  \
	X(VirtualMachineAppConfig, memoryMib, int, SINCE_15Q)                        \
	X(VirtualMachineAppConfig, cpuTopology, int, ONLY_15Q)                       \
	X(VirtualMachineAppConfig, cpuOptions, CpuOptions, SINCE_16)                 \
	X(VirtualMachineAppConfig, customConfig, nullable_CustomConfig, SINCE_15Q)   \
	X(VirtualMachineAppConfig, hugePages, boolean, SINCE_15Q)                    \
	X(VirtualMachineAppConfig, boostUclamp, boolean, SINCE_15Q)                  \
	X(VirtualMachineAppConfig, hostServices, string_array, SINCE_26)             \
	X(VirtualMachineAppConfig, shouldDelayEncryptedStoreSetup, boolean, SINCE_26) \
	X(VirtualMachineAppConfig, encryptedStoreKEK, nullable_binder, SINCE_26)

#define AIDL_VirtualMachineConfig(X)                                          \
	X(VirtualMachineConfig, appConfig, VirtualMachineAppConfig, SINCE_15Q) \
	X(VirtualMachineConfig, rawConfig, VirtualMachineRawConfig, SINCE_15Q)

#define AIDL_VirtualMachineDebugInfo(X)                                   \
	X(VirtualMachineDebugInfo, name, string, SINCE_16)                \
	X(VirtualMachineDebugInfo, cid, int, SINCE_15Q)                   \
	X(VirtualMachineDebugInfo, temporaryDirectory, string, SINCE_15Q) \
	X(VirtualMachineDebugInfo, requesterUid, int, SINCE_15Q)          \
	X(VirtualMachineDebugInfo, requesterPid, int, SINCE_15Q)          \
	X(VirtualMachineDebugInfo, hostConsoleName, nullable_string, SINCE_15Q)

#define AIDL_AssignableDevice(X)                             \
	X(AssignableDevice, node, string, SINCE_15Q)         \
	X(AssignableDevice, dtbo_label, string, SINCE_15Q)

#define AIDL_Certificate(X) X(Certificate, encodedCertificate, bytes, SINCE_15Q)

/* P(name, union or parcelable): each after those that it contains. */
#define AIDL_PARCELABLES(P)                        \
	P(Partition, AIDL_PARCELABLE)              \
	P(DiskImage, AIDL_PARCELABLE)              \
	P(SharedPath, AIDL_PARCELABLE)             \
	P(CpuTopology, AIDL_UNION)                 \
	P(CpuOptions, AIDL_PARCELABLE)             \
	P(AssignedDevices, AIDL_UNION)             \
	P(DisplayConfig, AIDL_PARCELABLE)          \
	P(SizedInput, AIDL_PARCELABLE) /* Android's SingleTouch, Trackpad and MultiTouch */ \
	P(PlainInput, AIDL_PARCELABLE) /* EvDev, Keyboard, Mouse and Switches */            \
	P(InputDevice, AIDL_UNION)                 \
	P(GpuConfig, AIDL_PARCELABLE)              \
	P(AudioConfig, AIDL_PARCELABLE)            \
	P(UsbConfig, AIDL_PARCELABLE)              \
	P(CustomMemoryBackingFile, AIDL_PARCELABLE) \
	P(VirtualMachineRawConfig, AIDL_PARCELABLE) \
	P(VirtualMachinePayloadConfig, AIDL_PARCELABLE) \
	P(Payload, AIDL_UNION)                     \
	P(CustomConfig, AIDL_PARCELABLE)           \
	P(VirtualMachineAppConfig, AIDL_PARCELABLE) \
	P(VirtualMachineConfig, AIDL_UNION)        \
	P(VirtualMachineDebugInfo, AIDL_PARCELABLE) \
	P(AssignableDevice, AIDL_PARCELABLE)       \
	P(Certificate, AIDL_PARCELABLE)

/* M(interface, method, code in 15 QPR2, 16, 2026, result, A(argument, type)...); code 0: that release does not have it. */
#define AIDL_IVirtualizationService(M, A)                                                                              \
	M(IVirtualizationService, createVm, 1, 1, 1, binder, A(config, VirtualMachineConfig), A(consoleOutFd, nullable_fd), \
	  A(consoleInFd, nullable_fd), A(osLogFd, nullable_fd), A(dumpDtFd, nullable_fd))                              \
	M(IVirtualizationService, allocateInstanceId, 2, 2, 2, bytes64)                                                \
	M(IVirtualizationService, initializeWritablePartition, 3, 3, 3, void, A(imageFd, fd), A(sizeBytes, long), A(type, int)) \
	M(IVirtualizationService, setEncryptedStorageSize, 0, 4, 4, void, A(imageFd, fd), A(size, long))               \
	M(IVirtualizationService, createOrUpdateIdsigFile, 4, 5, 5, void, A(inputFd, fd), A(idsigFd, fd))              \
	M(IVirtualizationService, debugListVms, 5, 6, 6, VirtualMachineDebugInfo_array)                                \
	M(IVirtualizationService, getAssignableDevices, 6, 7, 7, AssignableDevice_array)                               \
	M(IVirtualizationService, getSupportedOSList, 7, 8, 8, string_array)                                           \
	M(IVirtualizationService, getDebugPolicy, 0, 9, 9, string)                                                     \
	M(IVirtualizationService, isFeatureEnabled, 8, 10, 10, boolean, A(feature, string))                            \
	M(IVirtualizationService, enableTestAttestation, 9, 11, 11, void)                                              \
	M(IVirtualizationService, isRemoteAttestationSupported, 10, 12, 12, boolean)                                   \
	M(IVirtualizationService, isUpdatableVmSupported, 11, 13, 13, boolean)                                         \
	M(IVirtualizationService, removeVmInstance, 12, 14, 14, void, A(instanceId, bytes64))                          \
	M(IVirtualizationService, claimVmInstance, 13, 15, 15, void, A(instanceId, bytes64))                           \
	M(IVirtualizationService, startOrStopAdbd, 0, 0, 16, void, A(cid, int), A(start, boolean))

#define AIDL_IVirtualMachine(M, A)                                                                               \
	M(IVirtualMachine, getCid, 1, 1, 1, int)                                                                 \
	M(IVirtualMachine, getState, 2, 2, 2, int)                                                               \
	M(IVirtualMachine, registerCallback, 3, 3, 3, void, A(callback, binder))                                 \
	M(IVirtualMachine, start, 4, 4, 4, void)                                                                 \
	M(IVirtualMachine, stop, 5, 5, 5, void)                                                                  \
	M(IVirtualMachine, isMemoryBalloonEnabled, 0, 6, 6, boolean)                                             \
	M(IVirtualMachine, getMemoryBalloon, 6, 7, 7, long)                                                      \
	M(IVirtualMachine, setMemoryBalloon, 7, 8, 8, void, A(num_bytes, long))                                  \
	M(IVirtualMachine, connectVsock, 8, 9, 9, fd, A(port, int))                                              \
	M(IVirtualMachine, createAccessorBinder, 9, 10, 10, binder, A(instance, string), A(port, int))           \
	M(IVirtualMachine, setHostConsoleName, 10, 11, 11, void, A(pathname, string))                            \
	M(IVirtualMachine, suspend, 11, 12, 12, void)                                                            \
	M(IVirtualMachine, resume, 12, 13, 13, void)                                                             \
	M(IVirtualMachine, getDebugInfo, 0, 0, 14, VirtualMachineDebugInfo)                                      \
	M(IVirtualMachine, addMemoryToGuest, 0, 0, 15, int, A(file, fd), A(offset, long), A(start, long), A(end, long), \
	  A(cacheable, boolean))                                                                                 \
	M(IVirtualMachine, removeMemoryFromGuest, 0, 0, 16, void, A(id, int))                                    \
	M(IVirtualMachine, getGuestAgent, 0, 0, 17, nullable_binder)                                             \
	M(IVirtualMachine, addDisplay, 0, 0, 18, void, A(config, DisplayConfig))                                 \
	M(IVirtualMachine, removeDisplay, 0, 0, 19, void, A(id, int))                                            \
	M(IVirtualMachine, getDisplays, 0, 0, 20, void) /* its result, VirtualMachineDisplay[], is never given */

#define AIDL_IVirtualMachineCallback(M, A)                                                                       \
	M(IVirtualMachineCallback, onPayloadStarted, 1, 1, 1, void, A(cid, int))                                 \
	M(IVirtualMachineCallback, onPayloadReady, 2, 2, 2, void, A(cid, int))                                   \
	M(IVirtualMachineCallback, onPayloadFinished, 3, 3, 3, void, A(cid, int), A(exitCode, int))              \
	M(IVirtualMachineCallback, onError, 4, 4, 4, void, A(cid, int), A(errorCode, int), A(message, string))   \
	M(IVirtualMachineCallback, onDied, 5, 5, 5, void, A(cid, int), A(reason, int))                           \
	M(IVirtualMachineCallback, onGuestAgentRegistered, 0, 0, 6, void, A(cid, int), A(agent, binder))

#define AIDL_IVirtualMachineService(M, A)                                                                        \
	M(IVirtualMachineService, notifyPayloadStarted, 1, 1, 1, void)                                           \
	M(IVirtualMachineService, notifyPayloadReady, 2, 2, 2, void)                                             \
	M(IVirtualMachineService, notifyPayloadFinished, 3, 3, 3, void, A(exitCode, int))                        \
	M(IVirtualMachineService, notifyError, 4, 4, 4, void, A(errorCode, int), A(message, string))             \
	M(IVirtualMachineService, requestAttestation, 5, 5, 5, Certificate_array, A(csr, bytes), A(testMode, boolean)) \
	M(IVirtualMachineService, getSecretkeeper, 6, 6, 6, binder)                                              \
	M(IVirtualMachineService, claimSecretkeeperEntry, 0, 7, 7, void, A(id, bytes64))                         \
	M(IVirtualMachineService, getHostRpcProvider, 0, 0, 8, binder)                                           \
	M(IVirtualMachineService, registerGuestAgent, 0, 0, 9, void, A(agent, binder))                           \
	M(IVirtualMachineService, getEncryptedStoreKEK, 0, 0, 10, nullable_binder)                               \
	M(IVirtualMachineService, atomFsckFailedReported, 0, 0, 11, void, A(result, int))                        \
	M(IVirtualMachineService, atomCgroupMemoryBreachReported, 0, 0, 12, void, A(limit, long), A(used, long))

/* I(name, package, whether its methods are oneway) */
#define AIDL_INTERFACES(I)                                                      \
	I(IVirtualizationService, android.system.virtualizationservice, false)  \
	I(IVirtualMachine, android.system.virtualizationservice, false)         \
	I(IVirtualMachineCallback, android.system.virtualizationservice, true)  \
	I(IVirtualMachineService, android.system.virtualmachineservice, false)

/* Indices: VirtualMachineRawConfig_kernel is a field's place among the items of its parcelable, and a union's tag. */
#define X(parcelable, field, type, releases) parcelable##_##field,
#define P(name, kind) enum { AIDL_##name(X) name##_FIELDS };
AIDL_PARCELABLES(P)
#undef P
#undef X

/* IVirtualMachine_start is a method's place in the table. */
#define A(argument, type)
#define M(interface, method, ...) interface##_##method,
#define I(name, package, oneway) enum { AIDL_##name(M, A) name##_METHODS };
AIDL_INTERFACES(I)
#undef I
#undef M
#undef A

#define P(name, kind) extern const struct aidl_type aidl_type_##name;
AIDL_PARCELABLES(P)
#undef P

#define I(name, package, oneway) extern const struct aidl_interface aidl_##name;
AIDL_INTERFACES(I)
#undef I

/* All of them, for those that go through all. */
extern const struct aidl_type *const aidl_parcelables[];
extern const size_t aidl_parcelable_count;
extern const struct aidl_interface *const aidl_interfaces[];
extern const size_t aidl_interface_count;

/* NULL: none has this descriptor. */
const struct aidl_interface *aidl_find_interface(const char *descriptor);

#endif
