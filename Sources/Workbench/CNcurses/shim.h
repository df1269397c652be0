// What Swift cannot import of ncurses (variadics, macros, mutable globals), and the signal handlers that
// give the terminal back: a handler may run on any thread at any instruction, so it is plain C.
#ifndef ESPALIER_CNCURSES_SHIM_H
#define ESPALIER_CNCURSES_SHIM_H
#define NCURSES_WIDECHAR 1
// No _GNU_SOURCE: with it fd_set has other members than in Dispatch's module, and a file that sees both fails.
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>
// term.h makes common words into macros.
#undef lines
#undef columns
#undef tab
#undef newline
#undef bell

// ---- screen

static inline SCREEN *espalier_newterm(const char *name) { return newterm(name, stdout, stdin); }
static inline WINDOW *espalier_stdscr(void) { return stdscr; }
static inline WINDOW *espalier_curscr(void) { return curscr; }
static inline int espalier_colours(void) { return COLORS; }
static inline int espalier_pairs(void) { return COLOR_PAIRS; }
// "Ms" is an extension of terminfo: how a terminal takes what is copied.
static inline bool espalier_has_clipboard(void) {
    char *text = tigetstr("Ms");
    return text != NULL && text != (char *)-1;
}
static inline bool espalier_has_alternate_screen(void) {
    char *text = tigetstr("rmcup");
    return text != NULL && text != (char *)-1;
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

// After cbreak: Ctrl-S, Ctrl-Q, Ctrl-V and Ctrl-\ become keys like others.
static inline void espalier_free_keys(void) {
    struct termios modes;
    if (tcgetattr(STDIN_FILENO, &modes) != 0) return;
    modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
    modes.c_lflag &= ~(tcflag_t)IEXTEN;
    modes.c_cc[VQUIT] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
    def_prog_mode();
}

static inline void espalier_write(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        bytes += written;
        count -= (size_t)written;
    }
}

// ---- guard
//
// The state is static, so everything below is called from TerminalGuard.swift alone, and there from functions that
// are never inlined: each object file that called it would have a state of its own.

struct espalier_guard {
    struct termios saved;
    struct sigaction previous[NSIG];
    int wake[2];
    bool installed, chains;
    const char *restore;
    volatile sig_atomic_t active, pending, resized, stopping, continued;
};

// Inside a function, because Swift does not emit a static variable of a header otherwise.
static inline struct espalier_guard *espalier_guard_state(void) {
    static struct espalier_guard state;
    return &state;
}
#define espalier_guard (*espalier_guard_state())

static inline bool espalier_is_fatal(int number) {
    return number == SIGILL || number == SIGTRAP || number == SIGSEGV || number == SIGBUS || number == SIGFPE
        || number == SIGABRT || number == SIGQUIT;
}
static inline bool espalier_is_soft(int number) {
    return number == SIGINT || number == SIGTERM || number == SIGHUP || number == SIGWINCH || number == SIGTSTP
        || number == SIGCONT;
}

static inline void espalier_guard_restore(void) {
    if (!espalier_guard.active) return;
    espalier_guard.active = 0;
    // From the background, setting modes would stop the process in its handler.
    signal(SIGTTOU, SIG_IGN);
    espalier_write(espalier_guard.restore, strlen(espalier_guard.restore));
    tcsetattr(STDIN_FILENO, TCSANOW, &espalier_guard.saved);
}

static inline void espalier_guard_wake(void) {
    if (espalier_guard.wake[1] == 0) return;  // no screen yet
    int error = errno;
    ssize_t ignored = write(espalier_guard.wake[1], "w", 1);
    (void)ignored;
    errno = error;
}

static inline void espalier_guard_die(int number) {
    espalier_guard_restore();
    signal(number, SIG_DFL);
    raise(number);  // comes when the handler returns, so the process ends with the signal's own status
}

static inline void espalier_guard_fatal(int number, siginfo_t *info, void *context) {
    struct sigaction *previous = &espalier_guard.previous[number];
    bool known = (previous->sa_flags & SA_SIGINFO) != 0 && previous->sa_sigaction != NULL;
    if (!espalier_guard.chains || !known) {
        espalier_guard_die(number);
        return;
    }
    espalier_guard_restore();
    sigaction(number, previous, NULL);
    previous->sa_sigaction(number, info, context);
}

static inline void espalier_guard_soft(int number) {
    switch (number) {
    case SIGWINCH: espalier_guard.resized = 1; break;
    case SIGTSTP: espalier_guard.stopping = 1; break;
    case SIGCONT: espalier_guard.continued = 1; break;
    default:
        // A second Ctrl-C before the loop took the first: the loop is stuck.
        if (number == SIGINT && espalier_guard.pending == SIGINT) {
            espalier_guard_die(number);
            return;
        }
        espalier_guard.pending = number;
    }
    espalier_guard_wake();
}

static inline int espalier_guard_pipe(void) {
    if (espalier_guard.wake[1] != 0) return espalier_guard.wake[0];
    if (pipe(espalier_guard.wake) != 0) return -1;
    for (int end = 0; end < 2; end++) {
        fcntl(espalier_guard.wake[end], F_SETFL, O_NONBLOCK);
        fcntl(espalier_guard.wake[end], F_SETFD, FD_CLOEXEC);
    }
    return espalier_guard.wake[0];
}

// `chains`: crashes go on to the handler that was there before (Swift's backtracer), else to the default.
static inline bool espalier_guard_install(const char *restore, bool chains) {
    if (espalier_guard.installed) return true;
    if (tcgetattr(STDIN_FILENO, &espalier_guard.saved) != 0 || espalier_guard_pipe() < 0) return false;
    espalier_guard.restore = restore;
    espalier_guard.chains = chains;
    espalier_guard.pending = espalier_guard.resized = espalier_guard.stopping = espalier_guard.continued = 0;
    stack_t stack;
    // Of its own, so that an overflow of this thread's stack can be handled too.
    if (sigaltstack(NULL, &stack) == 0 && (stack.ss_flags & SS_DISABLE) != 0) {
        stack.ss_size = 65536;
        stack.ss_sp = malloc(stack.ss_size);
        stack.ss_flags = 0;
        if (stack.ss_sp != NULL) sigaltstack(&stack, NULL);
    }
    struct sigaction action;
    memset(&action, 0, sizeof action);
    sigemptyset(&action.sa_mask);
    for (int number = 1; number < NSIG; number++) {
        bool fatal = espalier_is_fatal(number);
        if (!fatal && !espalier_is_soft(number)) continue;
        action.sa_flags = fatal ? SA_SIGINFO | SA_ONSTACK : SA_RESTART;
        if (fatal) action.sa_sigaction = espalier_guard_fatal;
        else action.sa_handler = espalier_guard_soft;
        sigaction(number, &action, &espalier_guard.previous[number]);
    }
    static bool registered;
    if (!registered) atexit(espalier_guard_restore);
    registered = true;
    espalier_guard.installed = true;
    return true;
}

static inline void espalier_guard_remove(void) {
    if (!espalier_guard.installed) return;
    for (int number = 1; number < NSIG; number++) {
        if (espalier_is_fatal(number) || espalier_is_soft(number))
            sigaction(number, &espalier_guard.previous[number], NULL);
    }
    // From the background, after a stop, the modes must not stop the process again.
    void (*old)(int) = signal(SIGTTOU, SIG_IGN);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &espalier_guard.saved);
    signal(SIGTTOU, old);
    espalier_guard.installed = false;
}

static inline void espalier_guard_arm(bool active) { espalier_guard.active = active; }
static inline void espalier_guard_saved_modes(void) {
    void (*old)(int) = signal(SIGTTOU, SIG_IGN);
    tcsetattr(STDIN_FILENO, TCSADRAIN, &espalier_guard.saved);
    signal(SIGTTOU, old);
}

// Each of these reads a flag and lowers it.
static inline int espalier_guard_take(volatile sig_atomic_t *flag) {
    int value = *flag;
    *flag = 0;
    return value;
}
static inline int espalier_guard_take_pending(void) { return espalier_guard_take(&espalier_guard.pending); }
static inline bool espalier_guard_take_resized(void) { return espalier_guard_take(&espalier_guard.resized); }
static inline bool espalier_guard_take_stopping(void) { return espalier_guard_take(&espalier_guard.stopping); }
static inline bool espalier_guard_take_continued(void) { return espalier_guard_take(&espalier_guard.continued); }

// Stops the process as Ctrl-Z would have, and returns when it goes on. (SIGSTOP would also stop a process that no
// shell can continue.)
static inline void espalier_guard_stop(void) {
    struct sigaction standard, own;
    memset(&standard, 0, sizeof standard);
    sigemptyset(&standard.sa_mask);
    standard.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &standard, &own);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &own, NULL);
    espalier_guard.stopping = espalier_guard.continued = 0;
}
#endif
