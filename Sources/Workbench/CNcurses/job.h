// How the process stops as a shell's job does, and takes the terminal's modes when it goes on.
#ifndef ESPALIER_CNCURSES_JOB_H
#define ESPALIER_CNCURSES_JOB_H
#include "guard.h"

static inline bool espalier_is_in_background(void) { return tcgetpgrp(STDIN_FILENO) != getpgrp(); }

// Whether something asks the program to end, a signal that still waits to be taken included.
static inline bool espalier_guard_is_asked(void) {
    if (espalier_guard.pending) return true;
    sigset_t waiting;
    sigpending(&waiting);
    for (int number = 1; number < NSIG; number++) {
        if (espalier_guard.caught[number] && espalier_asks_to_end(number) && sigismember(&waiting, number) == 1)
            return true;
    }
    return false;
}

// Stops the process by the default action of a signal until it is continued; not where something asks it to end, nor
// where no shell could continue it.
//
// Nothing may come between the look and the stop: a shell's TERM and CONT would both be over, and nobody would wake it
// any more. So all signals wait until `pselect` lets them in, and the stop is the first of them: a CONT that comes later
// takes it back, and what came earlier is seen by the look.
//
// Returns whether something came.
static inline bool espalier_guard_pause(int number) {
    sigset_t all, before, open;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    struct sigaction standard, own;
    memset(&standard, 0, sizeof standard);
    sigemptyset(&standard.sa_mask);
    standard.sa_handler = SIG_DFL;
    sigaction(number, &standard, &own);
    raise(number);
    bool came = true;
    if (!espalier_guard_is_asked() && (number != SIGTTOU || espalier_is_in_background())) {
        open = before;
        sigdelset(&open, number);
        sigdelset(&open, SIGCONT);
        // A process that cannot be stopped only loses this moment.
        struct timespec moment = {0, 20000000};
        came = pselect(0, NULL, NULL, NULL, &moment, &open) != 0;
    }
    // Ignored for an instant, what still waits is dropped.
    signal(number, SIG_IGN);
    sigaction(number, &own, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return came;
}

// As Ctrl-Z would have. (SIGSTOP would also stop a process that no shell can continue.)
static inline void espalier_guard_stop(void) {
    // Whoever ignored it has no way to make the process go on.
    if (espalier_is_ignored(SIGTSTP)) return;
    espalier_guard_pause(SIGTSTP);
    espalier_guard.stopping = espalier_guard.continued = 0;
}

// Keys come one by one and unechoed; Ctrl-S, Ctrl-Q, Ctrl-V and Ctrl-\ are keys like others, Ctrl-C and Ctrl-Z are
// signals that drop nothing of what is on its way. In the background this stops the process, as it should.
//
// Returns false where something asks the program to end meanwhile: the terminal is left as it is.
static inline bool espalier_guard_key_modes(void) {
    struct termios modes = espalier_guard.saved;
    modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF | ICRNL | INLCR | IGNCR);
    modes.c_oflag &= ~(tcflag_t)(ONLCR | TABDLY);
    modes.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | IEXTEN);
    modes.c_lflag |= ISIG | NOFLSH;
    modes.c_cc[VMIN] = 1;
    modes.c_cc[VTIME] = 0;
    modes.c_cc[VQUIT] = _POSIX_VDISABLE;
    while (espalier_is_in_background() && !espalier_is_ignored(SIGTTOU)) {
        // Where the terminal is gone, reading says so.
        if (!espalier_guard_pause(SIGTTOU)) break;
        if (espalier_guard.pending) return false;
    }
    if (espalier_guard.pending) return false;
    espalier_guard.active = espalier_guard.taken = 1;
    espalier_guard.continued = 0;
    espalier_guard_set(&modes);
    return true;
}
#endif
