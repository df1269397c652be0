#include "png_pixels.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// libpng reports an error by a jump. It may pass frames of C only, so all that can fail is called from here.

typedef struct {
    const uint8_t *bytes;
    size_t left;
} source;

static void fail(png_structp png, png_const_charp message) {
    espalier_png *result = png_get_error_ptr(png);
    strncpy(result->message, message, sizeof result->message - 1);
    longjmp(png_jmpbuf(png), 1);
}

static void ignore(png_structp png, png_const_charp message) {
    (void)png;
    (void)message;
}

static void take(png_structp png, png_bytep target, size_t count) {
    source *from = png_get_io_ptr(png);
    if (count > from->left) png_error(png, "the file ends too early");
    memcpy(target, from->bytes, count);
    from->bytes += count;
    from->left -= count;
}

static int read(const uint8_t *bytes, size_t count, uint8_t *pixels, espalier_png *result) {
    source from = {bytes, count};
    memset(result, 0, sizeof *result);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, result, fail, ignore);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    // A jump must not find it in a register that it does not restore.
    png_bytep *volatile rows = NULL;
    if (!info) {
        png_destroy_read_struct(&png, NULL, NULL);
        strcpy(result->message, "no memory");
        return 0;
    }
    if (setjmp(png_jmpbuf(png))) {
        free((void *)rows);
        png_destroy_read_struct(&png, &info, NULL);
        return 0;
    }
    png_set_read_fn(png, &from, take);
    png_set_user_limits(png, 1 << 16, 1 << 16);
    png_set_chunk_malloc_max(png, 1 << 24);
    png_read_info(png, info);
    int type = png_get_color_type(png, info);
    result->width = png_get_image_width(png, info);
    result->height = png_get_image_height(png, info);
    result->channels = type & PNG_COLOR_MASK_COLOR ? 3 : 1;
    if (pixels) {
        png_set_expand(png);
        png_set_scale_16(png);
        png_set_strip_alpha(png);
        png_set_interlace_handling(png);
        png_read_update_info(png, info);
        size_t width = (size_t)result->width * result->channels;
        if (png_get_rowbytes(png, info) != width) png_error(png, "pixels of an unexpected size");
        rows = malloc(result->height * sizeof *rows);
        if (!rows) png_error(png, "no memory");
        for (uint32_t row = 0; row < result->height; row++) rows[row] = pixels + row * width;
        png_read_image(png, (png_bytepp)rows);
        png_read_end(png, NULL);
    }
    free((void *)rows);
    png_destroy_read_struct(&png, &info, NULL);
    return 1;
}

int espalier_png_sizes(const uint8_t *bytes, size_t count, espalier_png *png) { return read(bytes, count, NULL, png); }

int espalier_png_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, espalier_png *png) {
    return read(bytes, count, pixels, png);
}
