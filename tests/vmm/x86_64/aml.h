/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the few constructs of ACPI's machine language that a table of devices needs (ACPI 6.4, chapters 20 and 6.4).
 * The caller's program is fixed, so running out of room is a mistake in it and aborts.
 */
#ifndef VMM_X86_AML_H
#define VMM_X86_AML_H

#include <stddef.h>
#include <stdint.h>

enum { AML_BYTES = 4000, AML_DEPTH = 4 };

struct aml {
	unsigned char bytes[AML_BYTES];
	size_t used;
	size_t open[AML_DEPTH]; /* where the length of each open package stands */
	size_t depth;
	size_t resources; /* where the open list of resources begins */
};

/* NAME has four characters, everywhere. */
void aml_begin_scope(struct aml *aml, const char *name); /* of the root */
void aml_begin_device(struct aml *aml, const char *name);
void aml_end(struct aml *aml);

void aml_name_byte(struct aml *aml, const char *name, uint8_t value);
void aml_name_eisa_id(struct aml *aml, const char *name, uint32_t id);
void aml_name_string(struct aml *aml, const char *name, const char *value);
void aml_name_sleep_type(struct aml *aml, const char *name, uint8_t type);

/* _CRS of the open device: what stands between. */
void aml_begin_resources(struct aml *aml);
void aml_port_resource(struct aml *aml, uint16_t port, uint8_t count);
void aml_memory_resource(struct aml *aml, uint32_t address, uint32_t size);
void aml_interrupt_resource(struct aml *aml, uint32_t irq); /* edge, active high */
void aml_end_resources(struct aml *aml);

#endif
