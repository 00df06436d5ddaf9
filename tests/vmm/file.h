/* SPDX-License-Identifier: Apache-2.0 */
/* Files and ioctls, with messages that name the call and its error: tests look for them. */
#ifndef VMM_FILE_H
#define VMM_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Opens PATH with FLAGS (O_CLOEXEC is added; a created file gets mode 0644).  "/proc/self/fd/N" is a duplicate of the
 * inherited descriptor N, with the rights and the offset that it has: to open it anew would ask for permission again.
 * Returns a descriptor that the caller closes, or a negative errno after "open PATH: ...".
 */
int open_file(const char *path, int flags);

/*
 * Whether input from FD can be waited for.  crosvm waits with epoll, which refuses regular files (EPERM): input from one
 * never arrives.  Logs the refusal.
 */
bool input_can_be_polled(int fd);

/* The number N of "/proc/self/fd/N", or -1 for any other path. */
int inherited_fd(const char *path);

/* A whole file, mapped for reading. */
struct mapped_file {
	const char *path; /* not owned */
	const unsigned char *data;
	size_t size;
};

/* 0 or a negative errno after a message; an empty file is -ENOEXEC.  file_unmap releases RET. */
int file_map(const char *path, struct mapped_file *ret);
void file_unmap(struct mapped_file *file);

#define _cleanup_unmap_ _cleanup_(file_unmap)

/*
 * ioctl with a message "ioctl NAME: ..." on failure.  Returns what ioctl returns, or a negative errno.  ARGUMENT is a
 * number or a pointer, as REQUEST has it.
 */
int named_ioctl(int fd, const char *name, unsigned long request, unsigned long argument);
#define call_ioctl(fd, request, argument) named_ioctl(fd, #request, request, (unsigned long)(argument))

/* Writes all of DATA, whatever short writes there are.  Errors are ignored: there is no other place for a guest's output. */
void write_all(int fd, const void *data, size_t size);

#endif
