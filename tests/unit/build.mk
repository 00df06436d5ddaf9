# SPDX-License-Identifier: Apache-2.0
# decide.h as others may compile it: plain C11, and enums as short as they can be (the default of bare-metal ARM).
$(O)/obj/tests/unit/decide_short_enums.o: OBJ_CFLAGS := -std=c11 -fshort-enums
# It reads the device trees that it has made with the library for guests.
$(O)/obj/tests/unit/test_device_tree.o: OBJ_CFLAGS += -Ivmbase/include
