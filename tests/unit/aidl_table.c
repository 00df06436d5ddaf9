/* SPDX-License-Identifier: Apache-2.0 */
#include "aidl_table.h"

#include "rpcbinder/virtualization_aidl.h"

static void write_type(FILE *file, const struct aidl_type *type)
{
	fprintf(file, "%s%s", type->nullable ? "nullable " : "", type->name);
}

static void write_method(FILE *file, const struct aidl_method *method)
{
	for (int i = 0; i < AIDL_RELEASES; i++)
		if (method->code[i])
			fprintf(file, "| %u ", method->code[i]);
		else
			fputs("| - ", file);
	fprintf(file, "| %s | ", method->name);
	for (uint32_t i = 0; i < aidl_argument_count(method); i++) {
		fputs(i ? ", " : "", file);
		write_type(file, method->arguments[i].type);
		fprintf(file, " %s", method->arguments[i].name);
	}
	fputs(" | ", file);
	write_type(file, method->result);
	fputs(" |\n", file);
}

static void write_releases(FILE *file)
{
	for (int i = 0; i < AIDL_RELEASES; i++)
		fprintf(file, "| %s ", aidl_release_name((enum aidl_release)i));
}

static void write_parcelable(FILE *file, const struct aidl_type *type)
{
	fprintf(file, "\n### %s%s\n\n", type->name, type->kind == AIDL_UNION ? " (union)" : "");
	write_releases(file);
	fputs("| field | type |\n|---|---|---|---|---|\n", file);
	for (uint32_t i = 0; i < type->field_count; i++) {
		for (int release = 0; release < AIDL_RELEASES; release++)
			fprintf(file, "| %s ", type->fields[i].releases & 1u << release ? "x" : "-");
		fprintf(file, "| %s | ", type->fields[i].name);
		write_type(file, type->fields[i].type);
		fputs(" |\n", file);
	}
}

void aidl_table_write(FILE *file)
{
	fputs("# The AIDL that early_virtmgr speaks\n\n"
	      "Written by `make aidl-docs` from the lists in userspace/rpcbinder/virtualization_aidl.h; `make check-unit` compares.  Columns are\n"
	      "releases of Android, as `--aidl-release` names them: 15q is Android 15 QPR2, 16 is Android 16, 26 is AOSP of 2026.\n\n"
	      "## Interfaces: codes of methods\n",
	      file);
	for (size_t i = 0; i < aidl_interface_count; i++) {
		fprintf(file, "\n### %s%s\n\n", aidl_interfaces[i]->descriptor,
			aidl_interfaces[i]->oneway ? " (oneway)" : "");
		write_releases(file);
		fputs("| method | arguments | result |\n|---|---|---|---|---|---|\n", file);
		for (uint32_t k = 0; k < aidl_interfaces[i]->method_count; k++)
			write_method(file, &aidl_interfaces[i]->methods[k]);
	}
	fputs("\n## Parcelables and unions: fields, in their order\n", file);
	for (size_t i = 0; i < aidl_parcelable_count; i++)
		write_parcelable(file, aidl_parcelables[i]);
}
