#ifndef ESPALIER_PROCESSOR_H
#define ESPALIER_PROCESSOR_H

/// 1 where this build uses vector instructions that not every processor of the architecture has.
int espalier_processor_is_checked(void);

#endif
