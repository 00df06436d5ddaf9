/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parcels: the arguments and results of a call, as a sequence of items on 4-byte boundaries.
 *
 * Readers and writers keep the first failure: after it every read gives 0 or NULL and every write does nothing, so
 * that a caller checks once, at the end.  A failure is a number of enum rpc_status.  Not thread-safe.
 */
#ifndef RPCBINDER_PARCEL_H
#define RPCBINDER_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rpcbinder/wire.h"

struct parcel_reader {
	const uint8_t *data; /* the owner's, as all that follows; must outlive the reader */
	size_t size, at;
	uint32_t version; /* of the wire */
	int32_t status;

	uint32_t objects[RPC_MAX_OBJECTS]; /* offsets of objects, ascending */
	size_t object_count, next_object;

	int *fds; /* those that came with the message; -1: taken */
	size_t fd_count;

	/*
	 * Wire version 1 does not list binders, so a reference counts when it is read: called then.  NULL: nobody counts.
	 * Returns a status.
	 */
	int32_t (*count_binder)(void *data, uint64_t address);
	void *count_data;
};

/* SIZE bytes at DATA, without objects. */
void parcel_reader_init(struct parcel_reader *ret, const uint8_t *data, size_t size, uint32_t version);

/*
 * Takes the object table of COUNT offsets at TABLE (4 bytes each).  False: it is malformed (too long, not ascending, objects that
 * overlap or do not fit the parcel, of unknown type).
 */
bool parcel_reader_set_objects(struct parcel_reader *reader, const uint8_t *table, size_t count);

/* How many descriptors the object table names. */
size_t parcel_reader_listed_fds(const struct parcel_reader *reader);

/* Keeps STATUS as the failure unless there is one already. */
void parcel_reader_fail(struct parcel_reader *reader, int32_t status);

int32_t parcel_read_i32(struct parcel_reader *reader);
int64_t parcel_read_i64(struct parcel_reader *reader);

/* 0 or 1; anything else is a failure, as no peer writes it. */
bool parcel_read_bool(struct parcel_reader *reader);

/* The bytes are the parcel's.  *RET_NULL: a null array, as opposed to an empty one. */
const uint8_t *parcel_read_bytes(struct parcel_reader *reader, size_t *ret_size, bool *ret_null);

/*
 * How many bytes the string has as UTF-8; -1: it is null.  Reads past it and gives its UTF-16 units (*RET_COUNT of them) for
 * parcel_string_copy.  Malformed: no NUL at its end, a NUL within, a surrogate without its partner.
 */
ptrdiff_t parcel_read_string(struct parcel_reader *reader, const uint8_t **ret_units, size_t *ret_count);

/* Writes COUNT units as UTF-8 and a NUL to TEXT, which has as many bytes as parcel_read_string said, and one. */
void parcel_string_copy(const uint8_t *units, size_t count, char *text);

/* Whether the next string is TEXT, which is ASCII; reads past it. */
bool parcel_read_is_string(struct parcel_reader *reader, const char *text);

/* How many elements an array has, checked against what is left (each takes 4 bytes at least); -1: null. */
ptrdiff_t parcel_read_count(struct parcel_reader *reader);

/*
 * A ParcelFileDescriptor; -1 when it is null (*RET_NULL).  The descriptor stays the message's, which closes it, unless
 * parcel_take_fd is called for it.
 */
int parcel_read_fd(struct parcel_reader *reader, bool *ret_null);

/* FD, as parcel_read_fd gave it, is the caller's from here on. */
int parcel_take_fd(struct parcel_reader *reader, int fd);

/* An address, or 0 for a null binder. */
uint64_t parcel_read_binder(struct parcel_reader *reader);

/* Reads past SIZE bytes, whatever they are. */
void parcel_skip(struct parcel_reader *reader, size_t size);

/* Whether all was read: bytes, objects and descriptors.  Not so: a failure. */
bool parcel_read_end(struct parcel_reader *reader);

/*
 * The head of a reply.  *RET_TEXT_UNITS and *RET_COUNT: the message, as parcel_read_string gives it (NULL without one); *RET_SPECIFIC:
 * the service's own code with RPC_EX_SERVICE_SPECIFIC, else 0.
 */
int32_t parcel_read_exception(struct parcel_reader *reader, const uint8_t **ret_text_units, size_t *ret_count,
			      int32_t *ret_specific);

struct parcel_writer {
	uint8_t *data;
	size_t size, capacity;
	uint32_t version;
	int32_t status;

	uint32_t objects[RPC_MAX_OBJECTS];
	size_t object_count;
	int fds[RPC_MAX_FDS]; /* the writer's */
	size_t fd_count;
	uint64_t binders[RPC_MAX_FDS]; /* addresses that were written: each is a reference when the parcel is sent */
	size_t binder_count;
};

void parcel_writer_init(struct parcel_writer *ret, uint32_t version);

/* Frees the bytes and closes the descriptors. */
void parcel_writer_free(struct parcel_writer *writer);

/* Keeps STATUS as the failure unless there is one already. */
void parcel_writer_fail(struct parcel_writer *writer, int32_t status);

void parcel_write_i32(struct parcel_writer *writer, int32_t value);
void parcel_write_i64(struct parcel_writer *writer, int64_t value);
void parcel_write_bytes(struct parcel_writer *writer, const void *bytes, size_t size); /* BYTES NULL: null */
/* TEXT is UTF-8; NULL: null.  What is no UTF-8 becomes '?'. */
void parcel_write_string(struct parcel_writer *writer, const char *text);
void parcel_write_fd(struct parcel_writer *writer, int fd);               /* takes FD over, in any case; -1: null */
void parcel_write_binder(struct parcel_writer *writer, uint64_t address); /* 0: null */

/* Reserves room for a size, and fills it with the number of bytes from there (itself included) to the end. */
size_t parcel_write_size_begin(struct parcel_writer *writer);
void parcel_write_size_end(struct parcel_writer *writer, size_t begin);

/* The head of a reply.  SPECIFIC: with RPC_EX_SERVICE_SPECIFIC alone.  TEXT may be NULL. */
void parcel_write_exception(struct parcel_writer *writer, enum rpc_exception exception, const char *text,
			    int32_t specific);

#endif
