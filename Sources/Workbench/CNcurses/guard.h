// The signal handlers that give the terminal back, and how the process stops and goes on. A handler may run on any
// thread at any instruction, so it is plain C.
#ifndef ESPALIER_CNCURSES_GUARD_H
#define ESPALIER_CNCURSES_GUARD_H
#include "shim.h"

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

// ---- state
//
// It is static, so everything below is called from TerminalGuard.swift alone, and there from functions that are never
// inlined: each object file that called it would have a state of its own.

struct espalier_guard {
    struct termios saved;
    struct sigaction previous[NSIG];
    bool caught[NSIG];
    int wake[2], watch[2];
    int terminal;
    bool installed, chains;
    const char *restore;
    volatile time_t interrupted;
    // `active`: there is something to restore. `taken`: the terminal has the modes of `key_modes`.
    volatile sig_atomic_t active, taken, pending, interrupts, resized, stopping, continued;
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
// Sent by the terminal, or by someone in its place.
static inline bool espalier_stops(int number) { return number == SIGTSTP || number == SIGTTIN || number == SIGTTOU; }
static inline bool espalier_is_soft(int number) {
    return number == SIGWINCH || number == SIGCONT || espalier_stops(number) || espalier_asks_to_end(number);
}

// Never the waiting form: a terminal that takes nothing more would hold it for ever. Nor may it stop the process, in its
// handler even, or begin again for ever, as it would from the background.
static inline void espalier_guard_set(const struct termios *modes) {
    sigset_t background, before;
    sigemptyset(&background);
    sigaddset(&background, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &background, &before);
    tcsetattr(STDIN_FILENO, TCSANOW, modes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// Once: who has the terminal then has set its own.
static inline void espalier_guard_saved_modes(void) {
    if (!espalier_guard.taken) return;
    espalier_guard_set(&espalier_guard.saved);
    espalier_guard.taken = 0;
}

static inline void espalier_guard_restore(void) {
    if (!__atomic_exchange_n(&espalier_guard.active, 0, __ATOMIC_SEQ_CST)) return;
    size_t count = strlen(espalier_guard.restore);
    if (espalier_write(espalier_guard.terminal, espalier_guard.restore, count, 300, 600, NULL) < count) {
        // What the terminal has not read of the pictures goes, so that this is there when it reads again.
        espalier_drop(espalier_guard.terminal);
        espalier_write(espalier_guard.terminal, espalier_guard.restore, count, 100, 200, NULL);
    }
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
    case SIGTSTP: case SIGTTIN: case SIGTTOU: espalier_guard.stopping = 1; break;
    case SIGCONT: espalier_guard.continued = 1; break;
    default:
        // The first is taken by the loop, and by the watch where the loop is stuck; a key that is held sends dozens.
        // Who still asks after seconds wants it gone.
        if (number == SIGINT) {
            struct timespec now;
            clock_gettime(CLOCK_MONOTONIC, &now);
            int count = __atomic_add_fetch(&espalier_guard.interrupts, 1, __ATOMIC_SEQ_CST);
            if (count == 1) espalier_guard.interrupted = now.tv_sec;
            if (count > 2 && now.tv_sec - espalier_guard.interrupted > 5) {
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
// The next signal that asks the program to end. Waits for it, on a thread that takes none: in the moment in which a
// stopped process goes on, the thread that stopped it is to see what came meanwhile before it does anything.
static inline int espalier_guard_next(void) {
    sigset_t signals;
    sigemptyset(&signals);
    for (int number = 1; number < NSIG; number++) {
        if (espalier_is_soft(number)) sigaddset(&signals, number);
    }
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
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
        // A read from the background would begin again and be refused again.
        if (number == SIGTTIN || number == SIGTTOU) action.sa_flags = 0;
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
    // The last lines, written from the background, are no reason to stop (stty tostop).
    if (ends) signal(SIGTTOU, SIG_IGN);
    espalier_guard_saved_modes();
    if (espalier_guard.terminal >= 0) close(espalier_guard.terminal);
    espalier_guard.terminal = -1;
    espalier_guard.installed = false;
}

static inline void espalier_guard_arm(bool active) { espalier_guard.active = active; }

// Each of these reads a flag and lowers it, at once: what comes in between would be lost.
static inline int espalier_guard_take(volatile sig_atomic_t *flag) {
    return __atomic_exchange_n(flag, 0, __ATOMIC_SEQ_CST);
}
static inline int espalier_guard_take_pending(void) { return espalier_guard_take(&espalier_guard.pending); }
static inline bool espalier_guard_take_resized(void) { return espalier_guard_take(&espalier_guard.resized); }
static inline bool espalier_guard_take_stopping(void) { return espalier_guard_take(&espalier_guard.stopping); }
static inline bool espalier_guard_take_continued(void) { return espalier_guard_take(&espalier_guard.continued); }

static inline int espalier_guard_terminal(void) { return espalier_guard.terminal; }
// Whether the terminal is still the screen's.
static inline const volatile sig_atomic_t *espalier_guard_flag(void) { return &espalier_guard.active; }
#endif
