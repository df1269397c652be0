#pragma once
#include <stddef.h>
#include <stdint.h>

/// What a PNG file in memory holds.
typedef struct {
    uint32_t width, height;
    /// 1: grey; 3: red, green, blue. What shines through is left out.
    uint32_t channels;
    /// Why it could not be read.
    char message[160];
} espalier_png;

/// The sizes; 0 where it cannot be read. Nothing of the size of the picture is allocated.
int espalier_png_sizes(const uint8_t *bytes, size_t count, espalier_png *png);

/// Rows of pixels, 8 bits a channel, for which the caller has room as the sizes say; 0 where it cannot be read.
int espalier_png_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, espalier_png *png);
