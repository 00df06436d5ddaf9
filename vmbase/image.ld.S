/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a guest's parts go; for both architectures, run through the C preprocessor.  Two regions:
 *
 *   image          what is loaded: code, constants, and the initial values of .data.  Never written to
 *   writable_data  .data, .bss, the stacks and the heap.  Never executed
 *
 * Their places are set when a guest is built (README.md).  Code runs where it is linked: there is no relocation.
 */
MEMORY
{
	image         : ORIGIN = VMBASE_IMAGE_BASE, LENGTH = VMBASE_IMAGE_SIZE
	writable_data : ORIGIN = VMBASE_DATA_BASE, LENGTH = VMBASE_DATA_SIZE
}

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	note PT_NOTE FLAGS(4);
}

ENTRY(vmbase_entry)

#define PAGE 4096
#define STACK_SIZE (64 * 1024)
#define EXCEPTION_STACK_SIZE (8 * 1024)
#define DEBUG(name) name 0 : { *(name) }

SECTIONS
{
	.text : {
		_text_begin = .;
		KEEP(*(.head))
		/* On aarch64 the vectors begin at a multiple of 2 KiB; this fills the gap before them. */
		*console.o(.text .text.*)
		*uart_*.o(.text .text.*)
		KEEP(*(.vectors))
		*(.text .text.*)
		. = ALIGN(PAGE);
		_text_end = .;
	} > image : text

	.rodata : {
		_rodata_begin = .;
		*(.rodata .rodata.*)
		. = ALIGN(16);
	} > image : rodata

	.note : {
		KEEP(*(.note.pvh))
	} > image : rodata : note

	.data : {
		_data_begin = .;
		*(.data .data.*)
		. = ALIGN(16);
		_data_initial_end = .;
	} > writable_data AT > image : data
	_data_load = LOADADDR(.data);
	/* The initial values of .data are part of the image, and so of its last page of constants. */
	_rodata_end = ALIGN(_data_load + SIZEOF(.data), PAGE);

	.bss (NOLOAD) : {
		/* First what is cleared by who uses it, and not by the entry code. */
		*(.bss.noinit)
		. = ALIGN(16);
		_bss_begin = .;
		*(.bss .bss.* COMMON)
		. = ALIGN(16);
		_bss_end = .;
		. = ALIGN(PAGE);
		_data_end = .;
	} > writable_data : NONE

	/* Stacks grow down, so below each is a page that stays unmapped. */
	.stacks (NOLOAD) : {
		. += PAGE;
		_exception_stack_begin = .;
		. += EXCEPTION_STACK_SIZE;
		_exception_stack_end = .;
		. += PAGE;
		_stack_begin = .;
		. += STACK_SIZE;
		_stack_end = .;
	} > writable_data : NONE

	_heap_begin = .;
	_region_end = ORIGIN(writable_data) + LENGTH(writable_data);

	/* For debuggers; none of it is loaded.  Everything has a place, as a section without one is an error (build.mk). */
	DEBUG(.debug_info) DEBUG(.debug_abbrev) DEBUG(.debug_line) DEBUG(.debug_line_str) DEBUG(.debug_str)
	DEBUG(.debug_str_offsets) DEBUG(.debug_addr) DEBUG(.debug_frame) DEBUG(.debug_loclists) DEBUG(.debug_rnglists)
	DEBUG(.debug_aranges) DEBUG(.symtab) DEBUG(.strtab) DEBUG(.shstrtab)

	/DISCARD/ : { *(.comment .eh_frame* .note.GNU-stack .ARM.* .llvm_addrsig) }
}
