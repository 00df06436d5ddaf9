# SPDX-License-Identifier: Apache-2.0
# Disk images and idsig files, looked at with the programs of others.

$(BUILD_DIR)/tests/image_tool: $(O)/obj/tests/image/image_tool.o $(O)/lib/libimage.a $(O)/lib/libcommon.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)$(CC) -pie $(LDFLAGS_ALL) -o $@ $^ -lz -lnettle

.PHONY: check-image
check-image: $(BUILD_DIR)/tests/image_tool
	@mkdir -p $(BUILD_DIR)/results
	@tests/image/check.sh >$(BUILD_DIR)/results/check-image.tap || { cat $(BUILD_DIR)/results/check-image.tap; exit 1; }

CHECK_PARTS += $(BUILD_DIR)/tests/image_tool
CHECKS += check-image
