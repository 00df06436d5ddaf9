/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AIDL as data: types, parcelables and interfaces are tables, and one reader and one writer walk them.  So a new release
 * of Android is a new column, and what is read, written, tested and documented can't drift apart.
 */
#ifndef RPCBINDER_AIDL_H
#define RPCBINDER_AIDL_H

#include "rpcbinder/parcel.h"

/*
 * Releases whose interfaces differ.  Android's AIDL for virtual machines is unstable: methods and fields are inserted in the middle.
 */
enum aidl_release {
	AIDL_15Q, /* Android 15 QPR2 */
	AIDL_16,  /* Android 16 */
	AIDL_26,  /* AOSP of 2026 */
	AIDL_RELEASES
};

/* Sets of releases. */
enum { SINCE_15Q = 7, SINCE_16 = 6, SINCE_26 = 4, ONLY_15Q = 1 };

/* "15q", "16", "26": as the manager's option has them. */
const char *aidl_release_name(enum aidl_release release);

/* -EINVAL: there is no release of this name. */
int aidl_release_find(const char *name, enum aidl_release *ret);

enum aidl_kind {
	AIDL_VOID,
	AIDL_BOOL,
	AIDL_INT,
	AIDL_LONG,
	AIDL_STRING,
	AIDL_BYTES,
	AIDL_FD, /* ParcelFileDescriptor */
	AIDL_BINDER,
	AIDL_ARRAY,
	AIDL_PARCELABLE,
	AIDL_UNION,
};

struct aidl_type {
	enum aidl_kind kind;
	bool nullable;
	const char *name;
	uint32_t fixed;                  /* AIDL_BYTES: exactly so many; 0: any number */
	const struct aidl_type *element; /* of an array */
	const struct aidl_field *fields; /* of a parcelable, in order; the members of a union, by tag */
	uint32_t field_count;
};

struct aidl_field {
	const char *name;
	const struct aidl_type *type;
	uint8_t releases; /* that have it */
};

enum { AIDL_MAX_ARGUMENTS = 5 };

struct aidl_method {
	const char *name;
	uint8_t code[AIDL_RELEASES]; /* 0: this release does not have it */
	const struct aidl_type *result;
	struct aidl_field arguments[AIDL_MAX_ARGUMENTS];
};

struct aidl_interface {
	const char *name; /* without its package */
	const char *descriptor;
	bool oneway;
	const struct aidl_method *methods;
	uint32_t method_count;
};

/* NULL: RELEASE has no such code. */
const struct aidl_method *aidl_find_method(const struct aidl_interface *interface, enum aidl_release release,
					   uint32_t code);

uint32_t aidl_argument_count(const struct aidl_method *method);

/* A value of a type. */
struct aidl_value {
	bool present;   /* not null, and a field of this release */
	uint32_t count; /* elements of an array, bytes, bytes of a string without its NUL; the tag of a union */
	union {
		int64_t number;   /* AIDL_BOOL, AIDL_INT, AIDL_LONG */
		const char *text; /* AIDL_STRING: UTF-8 */
		const uint8_t *bytes;
		int fd;          /* see parcel_read_fd for whose it is */
		uint64_t binder; /* an address */
		/* elements; one for each field of the type, of whatever release; the union's one member */
		struct aidl_value *items;
	};
};

/* Memory of decoded values, freed all at once. */
struct aidl_arena {
	struct aidl_block *first;
	size_t used; /* bytes, of at most AIDL_MAX_MEMORY */
};

/* A body of 64 KiB, all of it null elements of 4 bytes each as values of 16 bytes, and its text beside them. */
enum { AIDL_MAX_MEMORY = 512 * 1024 };

/* NULL: there is no memory, or AIDL_MAX_MEMORY is used up.  Aligned for any value. */
void *aidl_alloc(struct aidl_arena *arena, size_t size);
void aidl_arena_free(struct aidl_arena *arena);

/*
 * Reads a value of TYPE as RELEASE has it; a failure is the reader's.  Text and items are ARENA's, bytes the parcel's.
 *
 * STRICT: a parcelable has exactly the fields of RELEASE, to the byte; else fields missing at its end are null or 0, and what
 * follows the known ones is skipped.
 */
void aidl_read(struct parcel_reader *reader, const struct aidl_type *type, enum aidl_release release, bool strict,
	       struct aidl_arena *arena, struct aidl_value *ret);

/* The arguments of METHOD, AIDL_MAX_ARGUMENTS values, and nothing after them. */
void aidl_read_arguments(struct parcel_reader *reader, const struct aidl_method *method, enum aidl_release release,
			 bool strict, struct aidl_arena *arena, struct aidl_value *ret);

/*
 * Writes VALUE; a failure is the writer's (RPC_UNEXPECTED_NULL: a value that may not be null is).  Descriptors are
 * duplicated, VALUE keeps its own.
 */
void aidl_write(struct parcel_writer *writer, const struct aidl_type *type, enum aidl_release release,
		const struct aidl_value *value);

/* The interface's name and the arguments: a whole request. */
void aidl_write_request(struct parcel_writer *writer, const struct aidl_interface *interface,
			const struct aidl_method *method, enum aidl_release release,
			const struct aidl_value *arguments);

/* Makes RET a value of TYPE with all items that it needs, each null, 0 or empty: for a writer's caller to fill.  -ENOMEM. */
int aidl_default(const struct aidl_type *type, struct aidl_arena *arena, struct aidl_value *ret);

static inline struct aidl_value aidl_number(int64_t number)
{
	return (struct aidl_value){ .present = true, .number = number };
}

static inline struct aidl_value aidl_text(const char *text)
{
	return (struct aidl_value){ .present = text != NULL, .count = text ? (uint32_t)strlen(text) : 0, .text = text };
}

#endif
