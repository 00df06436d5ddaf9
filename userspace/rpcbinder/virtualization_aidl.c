/* SPDX-License-Identifier: Apache-2.0 */
#include "rpcbinder/virtualization_aidl.h"

/* Types that a list may name. */
#define PLAIN(id, aidl_name, ...) \
	static const struct aidl_type aidl_type_##id __attribute__((unused)) = { .name = aidl_name, __VA_ARGS__ }
#define NULLABLE(id) PLAIN(nullable_##id, #id, .kind = AIDL_PARCELABLE, .nullable = true, .fields = id##_fields, .field_count = id##_FIELDS)
#define ARRAY(id, aidl_name, ...) PLAIN(id##_array, aidl_name "[]", .kind = AIDL_ARRAY, .element = &aidl_type_##id, ##__VA_ARGS__)

PLAIN(void, "void", .kind = AIDL_VOID);
PLAIN(boolean, "boolean", .kind = AIDL_BOOL);
PLAIN(int, "int", .kind = AIDL_INT);
PLAIN(long, "long", .kind = AIDL_LONG);
PLAIN(string, "String", .kind = AIDL_STRING);
PLAIN(nullable_string, "String", .kind = AIDL_STRING, .nullable = true);
PLAIN(bytes, "byte[]", .kind = AIDL_BYTES);
PLAIN(bytes64, "byte[64]", .kind = AIDL_BYTES, .fixed = 64);
PLAIN(fd, "ParcelFileDescriptor", .kind = AIDL_FD);
PLAIN(nullable_fd, "ParcelFileDescriptor", .kind = AIDL_FD, .nullable = true);
PLAIN(binder, "IBinder", .kind = AIDL_BINDER);
PLAIN(nullable_binder, "IBinder", .kind = AIDL_BINDER, .nullable = true);
ARRAY(string, "String");
ARRAY(fd, "ParcelFileDescriptor");
/* As AIDL's "@nullable String[]", elements of which may be null, too. */
PLAIN(nullable_nullable_string_array, "String[]", .kind = AIDL_ARRAY, .nullable = true,
      .element = &aidl_type_nullable_string);

/* Lists come after what they name, in AIDL_PARCELABLES; arrays of a parcelable, and the nullable ones, are made for each. */
#define X(parcelable, field, type, releases) { #field, &aidl_type_##type, releases },
#define P(id, the_kind)                                                                                                    \
	static const struct aidl_field id##_fields[] = { AIDL_##id(X) };                                                   \
	const struct aidl_type aidl_type_##id = { .name = #id, .kind = the_kind, .fields = id##_fields, .field_count = id##_FIELDS }; \
	NULLABLE(id);                                                                                                      \
	ARRAY(id, #id);
AIDL_PARCELABLES(P)
#undef P
#undef X

/* clang-format off */
#define A(argument, type) { #argument, &aidl_type_##type, SINCE_15Q }
#define M(interface, method, q15, a16, a26, type, ...)  \
	{ .name = #method, .code = { [AIDL_15Q] = (q15), [AIDL_16] = (a16), [AIDL_26] = (a26) }, .result = &aidl_type_##type, \
	  .arguments = { __VA_ARGS__ } },
#define I(id, package, is_oneway)                                                                                          \
	static const struct aidl_method id##_methods[] = { AIDL_##id(M, A) };                                              \
	const struct aidl_interface aidl_##id = { .name = #id, .descriptor = #package "." #id, .oneway = (is_oneway),      \
						  .methods = id##_methods, .method_count = id##_METHODS };
/* clang-format on */
AIDL_INTERFACES(I)
#undef I
#undef M
#undef A

#define P(name, kind) &aidl_type_##name,
const struct aidl_type *const aidl_parcelables[] = { AIDL_PARCELABLES(P) };
#undef P
const size_t aidl_parcelable_count = sizeof(aidl_parcelables) / sizeof(aidl_parcelables[0]);

#define I(name, package, oneway) &aidl_##name,
const struct aidl_interface *const aidl_interfaces[] = { AIDL_INTERFACES(I) };
#undef I
const size_t aidl_interface_count = sizeof(aidl_interfaces) / sizeof(aidl_interfaces[0]);

const struct aidl_interface *aidl_find_interface(const char *descriptor)
{
	for (size_t i = 0; i < aidl_interface_count; i++)
		if (strcmp(aidl_interfaces[i]->descriptor, descriptor) == 0)
			return aidl_interfaces[i];
	return NULL;
}
