/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks share: the system below a root, and the words of findings. */
#include "ctl/doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "common/kernel_needs.h"
#include "ctl/policy_files.h"

enum { TYPES_MAX_BYTES = 64 << 20 };

bool doctor_path(const struct doctor *doctor, char ret[DOCTOR_PATH_BYTES], const char *path)
{
	int n = snprintf(ret, DOCTOR_PATH_BYTES, "%s%s", doctor->root, path);

	return n >= 0 && n < DOCTOR_PATH_BYTES;
}

FILE *doctor_open(const struct doctor *doctor, const char *path)
{
	char full[DOCTOR_PATH_BYTES];

	errno = ENAMETOOLONG;
	return doctor_path(doctor, full, path) ? fopen(full, "re") : NULL;
}

int doctor_read_line(const struct doctor *doctor, const char *path, char *text, size_t bytes)
{
	_cleanup_fclose_ FILE *file = doctor_open(doctor, path);

	text[0] = '\0';
	if (!file)
		return -errno;
	if (!fgets(text, (int)bytes, file)) {
		text[0] = '\0';
		return ferror(file) ? -EIO : 0;
	}
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

int doctor_has_line(const struct doctor *doctor, const char *path, const char *part)
{
	_cleanup_fclose_ FILE *file = doctor_open(doctor, path);
	char line[8192]; /* a longer one than files of the kernel have is read in parts */

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (strstr(line, part))
			return 1;
	return ferror(file) ? -EIO : 0;
}

void doctor_append(char *list, size_t bytes, const char *format, ...)
{
	static const char more[] = ", ...";
	size_t used = strlen(list), room = bytes - used;
	va_list args;
	int n, separator;

	if (used >= sizeof(more) - 1 && !strcmp(list + used - (sizeof(more) - 1), more))
		return;
	separator = snprintf(list + used, room, "%s", used ? ", " : "");
	if ((size_t)separator < room) {
		va_start(args, format);
		n = vsnprintf(list + used + separator, room - (size_t)separator, format, args);
		va_end(args);
		/* Leaves room for `more', by which a later call reports that its text was left out. */
		if (n >= 0 && (size_t)separator + (size_t)n + sizeof(more) <= room)
			return;
	}
	snprintf(list + used, room, "%s", used ? more : "...");
}

void doctor_found(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->found, sizeof(finding->found), format, args);
	va_end(args);
}

void doctor_remedy(struct finding *finding, enum finding_result result, enum evm_exit_code code, const char *format,
		   ...)
{
	va_list args;

	finding->result = result;
	finding->code = code;
	va_start(args, format);
	vsnprintf(finding->remedy, sizeof(finding->remedy), format, args);
	va_end(args);
}

/* The kernel's types, as common/kernel_types.h reads them of the running kernel. */
static int read_types(struct doctor *doctor)
{
	_cleanup_fclose_ FILE *file = doctor_open(doctor, KERNEL_TYPES_FILE);
	struct stat st;

	if (!file || fstat(fileno(file), &st))
		return -errno;
	if (st.st_size > TYPES_MAX_BYTES)
		return -EFBIG;
	doctor->types_data = calloc(1, (size_t)st.st_size + BTF_PADDING);
	if (!doctor->types_data)
		return -ENOMEM;
	if (fread(doctor->types_data, 1, (size_t)st.st_size, file) != (size_t)st.st_size)
		return -EIO;
	return btf_types_read(doctor->types_data, (size_t)st.st_size, NULL, true, &doctor->types);
}

void doctor_begin(struct doctor *doctor)
{
	_cleanup_(early_vms_free) struct early_vms vms = {};

	doctor_read_line(doctor, "/proc/sys/kernel/osrelease", doctor->release, sizeof(doctor->release));
	doctor->types_error = read_types(doctor);
	doctor->files_code = policy_files_read(doctor->root, NULL, &vms, &doctor->table);
	doctor->listed = vms.count;
	doctor->refused = vms.refused;
}

void doctor_end(struct doctor *doctor)
{
	if (!doctor->types_error)
		btf_types_free(&doctor->types);
	free(doctor->types_data);
	doctor->types_data = NULL;
}
