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
#include <poll.h>
#include <signal.h>
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

// Writes until all is written, the terminal has taken nothing for so long, or it is not `wanted` any more: a handler on
// another thread has given the terminal back. Called from handlers too.
static inline size_t espalier_write(
    int file, const char *bytes, size_t count, int milliseconds, const volatile sig_atomic_t *wanted) {
    size_t done = 0;
    while (done < count && (wanted == NULL || *wanted)) {
        ssize_t written = espalier_write_some(file, bytes + done, count - done);
        if (written > 0) {
            done += (size_t)written;
            continue;
        }
        if (written < 0 && errno == EINTR) continue;
        if (written < 0 && errno != EAGAIN) return done;
        struct pollfd source = {file >= 0 ? file : STDOUT_FILENO, POLLOUT, 0};
        int ready = milliseconds == 0 ? 0 : poll(&source, 1, milliseconds);
        if (ready == 0 || (ready < 0 && errno != EINTR)) return done;
    }
    return done;
}

// ---- signals

// Those that end a program that does nothing about them, and that someone sends on purpose. SIGPIPE and SIGXFSZ are
// not among them: ignored, they make a write say what is wrong. Nor are those of a crash.
static inline bool espalier_asks_to_end(int number) {
    switch (number) {
    case SIGHUP: case SIGINT: case SIGQUIT: case SIGTERM: case SIGUSR1: case SIGUSR2: case SIGALRM: case SIGVTALRM:
    case SIGPROF: case SIGPOLL: case SIGPWR: case SIGSTKFLT: case SIGXCPU: return true;
    default: return number >= SIGRTMIN && number <= SIGRTMAX;
    }
}
static inline int espalier_signal_count(void) { return NSIG; }
// What the parent ignored (nohup, a shell's `&`, trap ''): it is to have no effect here either.
static inline bool espalier_is_ignored(int number) {
    struct sigaction action;
    return sigaction(number, NULL, &action) == 0 && (action.sa_flags & SA_SIGINFO) == 0
        && action.sa_handler == SIG_IGN;
}

// ---- guard
//
// The state is static, so everything below is called from TerminalGuard.swift alone, and there from functions that
// are never inlined: each object file that called it would have a state of its own.

struct espalier_guard {
    struct termios saved;
    struct sigaction previous[NSIG];
    bool caught[NSIG];
    int wake[2], watch[2];
    int terminal;
    bool installed, chains;
    const char *restore;
    volatile time_t interrupted;
    volatile sig_atomic_t active, pending, interrupts, resized, stopping, continued;
};

// Inside a function, because Swift does not emit a static variable of a header otherwise.
static inline struct espalier_guard *espalier_guard_state(void) {
    static struct espalier_guard state;
    return &state;
}
#define espalier_guard (*espalier_guard_state())

static inline bool espalier_is_fatal(int number) {
    return number == SIGILL || number == SIGTRAP || number == SIGSEGV || number == SIGBUS || number == SIGFPE
        || number == SIGABRT || number == SIGSYS;
}
static inline bool espalier_is_soft(int number) {
    return number == SIGWINCH || number == SIGTSTP || number == SIGCONT || espalier_asks_to_end(number);
}

static inline void espalier_guard_saved_modes(void) {
    // From the background, setting modes would stop the process, in its handler even. Never the waiting form: a
    // terminal that takes nothing more would hold it for ever.
    void (*old)(int) = signal(SIGTTOU, SIG_IGN);
    tcsetattr(STDIN_FILENO, TCSANOW, &espalier_guard.saved);
    signal(SIGTTOU, old);
}

static inline void espalier_guard_restore(void) {
    if (!espalier_guard.active) return;
    espalier_guard.active = 0;
    espalier_write(espalier_guard.terminal, espalier_guard.restore, strlen(espalier_guard.restore), 100, NULL);
    espalier_guard_saved_modes();
}

static inline void espalier_guard_tell(int file, char what) {
    if (file == 0) return;  // no screen yet
    int error = errno;
    ssize_t ignored = write(file, &what, 1);
    (void)ignored;
    errno = error;
}
static inline void espalier_guard_wake(void) { espalier_guard_tell(espalier_guard.wake[1], 'w'); }

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
        // The first is taken by the loop, and by the watch where the loop is stuck; a key that is held sends dozens.
        // Who still asks after seconds wants it gone.
        if (number == SIGINT) {
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            if (espalier_guard.interrupts++ == 0) espalier_guard.interrupted = now.tv_sec;
            if (espalier_guard.interrupts > 2 && now.tv_sec - espalier_guard.interrupted > 5) {
                espalier_guard_die(number);
                return;
            }
        }
        espalier_guard.pending = number;
        espalier_guard_tell(espalier_guard.watch[1], (char)number);
    }
    espalier_guard_wake();
}

static inline bool espalier_guard_open(int ends[2]) {
    if (ends[1] != 0) return true;
    if (pipe(ends) != 0) return false;
    for (int end = 0; end < 2; end++) fcntl(ends[end], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    return true;
}
static inline int espalier_guard_pipe(void) {
    if (!espalier_guard_open(espalier_guard.wake)) return -1;
    fcntl(espalier_guard.wake[0], F_SETFL, O_NONBLOCK);
    return espalier_guard.wake[0];
}
// The next signal that asks the program to end. Waits for it.
static inline int espalier_guard_next(void) {
    char number;
    ssize_t count;
    do count = read(espalier_guard.watch[0], &number, 1);
    while (count < 0 && errno == EINTR);
    return count == 1 ? number : -1;
}

// `chains`: crashes go on to the handler that was there before (Swift's backtracer), else to the default.
static inline bool espalier_guard_install(const char *restore, bool chains) {
    if (espalier_guard.installed) return true;
    if (tcgetattr(STDIN_FILENO, &espalier_guard.saved) != 0 || espalier_guard_pipe() < 0
        || !espalier_guard_open(espalier_guard.watch))
        return false;
    espalier_guard.restore = restore;
    espalier_guard.chains = chains;
    espalier_guard.terminal = espalier_open_terminal();
    espalier_guard.pending = espalier_guard.interrupts = 0;
    espalier_guard.resized = espalier_guard.stopping = espalier_guard.continued = 0;
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
        // Another size and a way back from a stop have to be known of; else what was ignored stays ignored.
        if (espalier_is_ignored(number) && number != SIGWINCH && number != SIGCONT) continue;
        action.sa_flags = fatal ? SA_SIGINFO | SA_ONSTACK : SA_RESTART;
        if (fatal) action.sa_sigaction = espalier_guard_fatal;
        else action.sa_handler = espalier_guard_soft;
        espalier_guard.caught[number] = sigaction(number, &action, &espalier_guard.previous[number]) == 0;
    }
    static bool registered;
    if (!registered) atexit(espalier_guard_restore);
    registered = true;
    espalier_guard.installed = true;
    return true;
}

// `ends`: the program is about to end. What asks it to has its wish already, and must not kill it while a checkpoint
// is on its way to the disk.
static inline void espalier_guard_remove(bool ends) {
    if (!espalier_guard.installed) return;
    for (int number = 1; number < NSIG; number++) {
        if (!espalier_guard.caught[number] || (ends && espalier_asks_to_end(number))) continue;
        sigaction(number, &espalier_guard.previous[number], NULL);
        espalier_guard.caught[number] = false;
    }
    espalier_guard_saved_modes();
    if (espalier_guard.terminal >= 0) close(espalier_guard.terminal);
    espalier_guard.terminal = -1;
    espalier_guard.installed = false;
}

static inline void espalier_guard_arm(bool active) { espalier_guard.active = active; }

// Keys come one by one and unechoed; Ctrl-S, Ctrl-Q, Ctrl-V and Ctrl-\ are keys like others, Ctrl-C and Ctrl-Z are
// signals that drop nothing of what is on its way. In the background this stops the process, as it should.
static inline void espalier_guard_key_modes(void) {
    struct termios modes = espalier_guard.saved;
    modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR | IGNCR);
    modes.c_oflag &= ~(tcflag_t)(ONLCR | TABDLY);
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    modes.c_lflag |= ISIG | NOFLSH;
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    modes.c_cc[VQUIT] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &modes);
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
    // Whoever ignored it has no way to make the process go on.
    if (espalier_is_ignored(SIGTSTP)) return;
    struct sigaction standard, own;
    memset(&standard, 0, sizeof standard);
    sigemptyset(&standard.sa_mask);
    standard.sa_handler = SIG_DFL;
    sigaction(SIGTSTP, &standard, &own);
    raise(SIGTSTP);
    sigaction(SIGTSTP, &own, NULL);
    espalier_guard.stopping = espalier_guard.continued = 0;
}
static inline int espalier_guard_terminal(void) { return espalier_guard.terminal; }
// Whether the terminal is still the screen's.
static inline const volatile sig_atomic_t *espalier_guard_flag(void) { return &espalier_guard.active; }
#endif
