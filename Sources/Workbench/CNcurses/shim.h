// What Swift cannot import of ncurses (variadics, macros, mutable globals), and writing that never waits long.
#ifndef ESPALIER_CNCURSES_SHIM_H
#define ESPALIER_CNCURSES_SHIM_H
#define NCURSES_WIDECHAR 1
// No _GNU_SOURCE: with it fd_set has other members than in Dispatch's module, and a file that sees both fails.
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
// term.h makes common words into macros.
#undef lines
#undef columns
#undef tab
#undef newline
#undef bell

// ---- screen

// ncurses asks a terminal for its size, and `output` is none; these variables it believes. A shell that exports them
// may be wrong, and is not asked.
static inline SCREEN *espalier_newterm(const char *name, FILE *output) {
    struct winsize size;
    unsetenv("LINES");
    unsetenv("COLUMNS");
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0) {
        char text[16];
        snprintf(text, sizeof text, "%d", size.ws_row);
        setenv("LINES", text, 1);
        snprintf(text, sizeof text, "%d", size.ws_col);
        setenv("COLUMNS", text, 1);
    }
    SCREEN *screen = newterm(name, output, stdin);
    unsetenv("LINES");
    unsetenv("COLUMNS");
    return screen;
}
static inline WINDOW *espalier_stdscr(void) { return stdscr; }
static inline WINDOW *espalier_curscr(void) { return curscr; }
static inline int espalier_colours(void) { return COLORS; }
static inline int espalier_pairs(void) { return COLOR_PAIRS; }
static inline bool espalier_has_text(const char *name) {
    char *text = tigetstr(name);
    return text != NULL && text != (char *)-1;
}
// "Ms" is an extension of terminfo: how a terminal takes what is copied.
static inline bool espalier_has_clipboard(void) { return espalier_has_text("Ms"); }
static inline bool espalier_has_alternate_screen(void) { return espalier_has_text("rmcup"); }
// Sequences of ANSI are understood: the cursor is placed by one.
static inline bool espalier_is_ansi(void) {
    char *text = tigetstr("cup");
    return text != NULL && text != (char *)-1 && (strncmp(text, "\033[", 2) == 0 || text[0] == '\233');
}
// A colour's number is its red, green and blue: a flag says so, or a number or text of the bits of each.
static inline bool espalier_is_direct(void) {
    return tigetflag("RGB") > 0 || tigetnum("RGB") > 0 || espalier_has_text("RGB");
}
static inline bool espalier_is_direct_24(void) {
    return tigetnum("colors") == 1 << 24
        && (tigetflag("RGB") > 0 || tigetnum("RGB") == 8
            || (espalier_has_text("RGB") && strcmp(tigetstr("RGB"), "8/8/8") == 0));
}
// Reads the description of a type, before anything is sent: 1 it places its cursor, 0 it does not, -1 there is none
// that could be used.
static inline int espalier_describe(const char *name, bool *direct) {
    int error = 0;
    // Paper is an error too, but another one.
    if (setupterm((char *)name, STDOUT_FILENO, &error) != OK) return error == 1 ? 0 : -1;
    bool places = espalier_has_text("cup");
    *direct = espalier_is_direct_24();
    del_curterm(cur_term);
    return places;
}
static inline int espalier_width(void) { return COLS; }
static inline int espalier_height(void) { return LINES; }

enum { ESPALIER_BOLD = 1, ESPALIER_DIM = 2, ESPALIER_REVERSE = 4, ESPALIER_UNDERLINE = 8 };

// The pair goes through the extended argument: COLOR_PAIR stops at 255.
static inline void espalier_put(int y, int x, wchar_t glyph, int weight, int pair) {
    attr_t attributes = A_NORMAL;
    if (weight & ESPALIER_BOLD) attributes |= A_BOLD;
    if (weight & ESPALIER_DIM) attributes |= A_DIM;
    if (weight & ESPALIER_REVERSE) attributes |= A_REVERSE;
    if (weight & ESPALIER_UNDERLINE) attributes |= A_UNDERLINE;
    wchar_t text[2] = {glyph, 0};
    cchar_t cell;
    setcchar(&cell, text, attributes, 0, &pair);
    mvadd_wch(y, x, &cell);
}

// LC_CTYPE alone, so that decimals keep their dot. Returns whether the characters are UTF-8.
static inline bool espalier_set_locale(void) {
    if (setlocale(LC_CTYPE, "") == NULL) setlocale(LC_CTYPE, "C.UTF-8");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static inline bool espalier_size(int *width, int *height) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return false;
    *width = size.ws_col;
    *height = size.ws_row;
    return true;
}

// A description of the terminal that this process has to itself, so that a write to it may be one that never waits:
// O_NONBLOCK on the one of standard output would reach the shell and everyone else who has it. -1 where there is none.
static inline int espalier_open_terminal(void) {
    int flags = O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC;
    int file = open("/proc/self/fd/1", flags);
    if (file >= 0) return file;
    // As another user than the terminal's owner; the controlling terminal has a name that everyone may open.
    int device, other;
    file = open("/dev/tty", flags);
    if (file >= 0 && ioctl(STDOUT_FILENO, TIOCGDEV, &device) == 0 && ioctl(file, TIOCGDEV, &other) == 0
        && device == other)
        return file;
    if (file >= 0) close(file);
    return -1;
}

// What the terminal takes at once: a count, or as write(2) says. `file` -1: standard output.
static inline ssize_t espalier_write_some(int file, const char *bytes, size_t count) {
    if (file >= 0) return write(file, bytes, count);
    int flags = fcntl(STDOUT_FILENO, F_GETFL);
    fcntl(STDOUT_FILENO, F_SETFL, flags | O_NONBLOCK);
    ssize_t written = write(STDOUT_FILENO, bytes, count);
    int error = errno;
    fcntl(STDOUT_FILENO, F_SETFL, flags);
    errno = error;
    return written;
}

static inline long long espalier_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// What the terminal has not read yet, it never gets. From the background, too.
static inline void espalier_drop(int file) {
    sigset_t background, before;
    sigemptyset(&background);
    sigaddset(&background, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &background, &before);
    tcflush(file >= 0 ? file : STDOUT_FILENO, TCOFLUSH);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// Writes until all is written, the terminal has taken nothing for `patience` milliseconds, `limit` are over, or it is not
// `wanted` any more: a handler on another thread has given the terminal back. Called from handlers too.
static inline size_t espalier_write(
    int file, const char *bytes, size_t count, int patience, int limit, const volatile sig_atomic_t *wanted) {
    size_t done = 0;
    int error = 0;
    long long end = espalier_milliseconds() + limit;
    // Where the terminal asks for it (stty tostop), each write from the background would be a signal instead, for ever.
    sigset_t background, before;
    sigemptyset(&background);
    sigaddset(&background, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &background, &before);
    while (done < count && (wanted == NULL || *wanted)) {
        ssize_t written = espalier_write_some(file, bytes + done, count - done);
        error = errno;
        if (written > 0) done += (size_t)written;
        long long left = limit > 0 ? end - espalier_milliseconds() : 0;
        if (written > 0 && (limit == 0 || left > 0)) continue;
        if (written < 0 && error == EINTR && left > 0) continue;
        if ((written < 0 && error != EAGAIN) || left <= 0) break;
        struct pollfd source = {file >= 0 ? file : STDOUT_FILENO, POLLOUT, 0};
        int ready = poll(&source, 1, left < patience ? (int)left : patience);
        if (ready == 0 || (ready < 0 && errno != EINTR)) break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return done;
}
#endif
