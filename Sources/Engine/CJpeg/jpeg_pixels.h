#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a JPEG file in memory holds.
typedef struct {
    uint32_t width, height;
    /// 1: grey; 3: red, green, blue.
    uint32_t channels;
    /// Why it could not be read.
    char message[200];
} espalier_jpeg;

/// The sizes; 0 where it cannot be read. Nothing of the size of the picture is allocated.
int espalier_jpeg_sizes(const uint8_t *bytes, size_t count, espalier_jpeg *jpeg);

/// Rows of pixels, 8 bits a channel, for which the caller has room as the sizes say; 0 where it cannot be read.
int espalier_jpeg_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, espalier_jpeg *jpeg);
