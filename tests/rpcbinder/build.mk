# SPDX-License-Identifier: Apache-2.0
# The RPC binder library's unit tests are in tests/unit (test_rpc_*, test_aidl_*); their vectors are here.
UNIT_LIBS += $(O)/lib/librpcbinder.a
