# SPDX-License-Identifier: Apache-2.0
# Building for another architecture than this machine's (make ARCH=arm64): a cross compiler, and the libraries of
# tests/vm/fetch-sysroot.  Everything goes below build/ARCH.

tuple_arm64  := aarch64-linux-gnu
tuple_x86_64 := x86_64-linux-gnu
TUPLE        := $(tuple_$(ARCH))
ifeq ($(TUPLE),)
  $(error ARCH=$(ARCH) is not known: x86_64 or arm64)
endif

FOREIGN   := yes
BUILD_DIR := build/$(ARCH)
SYSROOT   := $(CURDIR)/build/sysroot/$(ARCH)/root

# The headers of the libraries that are linked come before the cross compiler's own, which are older.
CC         := $(TUPLE)-gcc --sysroot=$(SYSROOT) -isystem $(SYSROOT)/usr/include/$(TUPLE) -isystem $(SYSROOT)/usr/include
CXX        := $(TUPLE)-g++ --sysroot=$(SYSROOT) -isystem $(SYSROOT)/usr/include/$(TUPLE) -isystem $(SYSROOT)/usr/include
AR         := $(TUPLE)-ar
OBJCOPY    := $(TUPLE)-objcopy
INSTALL_STRIP := --strip-program=$(TUPLE)-strip
PKG_CONFIG := env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(TUPLE)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config

# Make reads this again when it was made, and only then looks for libraries.
ifeq ($(filter clean distclean help deps,$(MAKECMDGOALS)),)
-include build/sysroot/$(ARCH)/ready.mk
endif
build/sysroot/$(ARCH)/ready.mk: tests/vm/fetch-sysroot
	@mkdir -p $(@D)
	@tests/vm/fetch-sysroot $(ARCH) && touch $@
