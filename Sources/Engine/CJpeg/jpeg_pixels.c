#include "jpeg_pixels.h"
#include <setjmp.h>
#include <stdio.h>
#include <string.h>
#include <jpeglib.h>
#include <jerror.h>

// libjpeg ends the process at an error unless it is told otherwise. It is told to jump, through frames of C only, so all
// that can fail is called from here.

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf place;
    espalier_jpeg *result;
} errors;

static void fail(j_common_ptr info) {
    errors *error = (errors *)info->err;
    char message[JMSG_LENGTH_MAX];
    error->base.format_message(info, message);
    strncpy(error->result->message, message, sizeof error->result->message - 1);
    longjmp(error->place, 1);
}

// A file that is cut or damaged is a warning to libjpeg, which fills what is missing with grey. What many cameras do
// wrong and what takes nothing from the picture passes.
static void warn(j_common_ptr info, int level) {
    if (level >= 0) return;
    int code = info->err->msg_code;
    if (code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR || code == JWRN_TOO_MUCH_DATA)
        return;
    fail(info);
}

static void print(j_common_ptr info) { (void)info; }

static int read(const uint8_t *bytes, size_t count, uint8_t *pixels, espalier_jpeg *result) {
    struct jpeg_decompress_struct info;
    errors error;
    memset(result, 0, sizeof *result);
    memset(&info, 0, sizeof info);
    error.result = result;
    info.err = jpeg_std_error(&error.base);
    error.base.error_exit = fail;
    error.base.emit_message = warn;
    error.base.output_message = print;
    if (setjmp(error.place)) {
        jpeg_destroy_decompress(&info);
        return 0;
    }
    jpeg_create_decompress(&info);
    // A progressive picture is held whole: this much, and no more, before temporary files would be made.
    info.mem->max_memory_to_use = 1 << 30;
    jpeg_mem_src(&info, bytes, count);
    jpeg_read_header(&info, TRUE);
    if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK) {
        strcpy(result->message, "colours for print (CMYK)");
        jpeg_destroy_decompress(&info);
        return 0;
    }
    result->width = info.image_width;
    result->height = info.image_height;
    result->channels = info.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
    if (pixels) {
        info.out_color_space = result->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
        jpeg_start_decompress(&info);
        size_t width = (size_t)result->width * result->channels;
        while (info.output_scanline < info.output_height) {
            JSAMPROW row = pixels + info.output_scanline * width;
            jpeg_read_scanlines(&info, &row, 1);
        }
        jpeg_finish_decompress(&info);
    }
    jpeg_destroy_decompress(&info);
    return 1;
}

int espalier_jpeg_sizes(const uint8_t *bytes, size_t count, espalier_jpeg *jpeg) {
    return read(bytes, count, NULL, jpeg);
}

int espalier_jpeg_pixels(const uint8_t *bytes, size_t count, uint8_t *pixels, espalier_jpeg *jpeg) {
    return read(bytes, count, pixels, jpeg);
}
