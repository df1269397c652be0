#ifndef ESPALIER_CNCURSES_SHIM_H
#define ESPALIER_CNCURSES_SHIM_H
#define NCURSES_WIDECHAR 1
#define _GNU_SOURCE 1
#include <ncurses.h>
#include <wchar.h>
#endif
