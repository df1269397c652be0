extension C99Export {
    /// Reads inputs, writes answers: both float32 as the machine has them.
    var desktopMain: String {
        let name = identifier, upper = name.uppercased(), file = options.name
        return """
            /* Reads float32 inputs from standard input, one sample after the other, and writes the answers as float32.
             *
             * cc -std=c99 -O2 -o \(word()) \(word(".c")) main.c
             * \(word(runs: true)) < inputs > outputs
             *
             * With the self-test, whose result is the exit code:
             * cc -std=c99 -O2 -D\(upper)_SELFTEST -o \(word()) \(word(".c")) main.c && \(word(runs: true))
             */
            #include <stdio.h>

            #include "\(file).h"

            static union {
                float aligned;
                unsigned char bytes[\(upper)_ARENA_BYTES];
            } arena;

            int main(void)
            {
            #ifdef \(upper)_SELFTEST
                const int wrong = \(name)_selftest(&arena);
                printf("selftest: %d wrong\\n", wrong);
                return wrong != 0;
            #else
                static float input[\(upper)_INPUTS], output[\(upper)_OUTPUTS];
                while (fread(input, sizeof input, 1, stdin) == 1) {
                    if (\(name)_run(input, output, &arena) != 0 || fwrite(output, sizeof output, 1, stdout) != 1)
                        return 1;
                }
                return 0;
            #endif
            }

            """
    }

    /// Starts by itself, paints stack and arena, runs the self-test and says over the debugger's channel what was used.
    var cortexMain: String {
        let name = identifier, upper = name.uppercased(), file = options.name
        return """
            /* For a bare Cortex-M: start-up, the self-test, and how much of stack and arena was used, by semihosting. It ends with 0
             * where all answers are right and no more was used than was stated.
             *
             * arm-none-eabi-gcc -std=c99 -O2 -mcpu=cortex-m4 -mthumb -nostartfiles -D\(upper)_SELFTEST -T cortex-m.ld -o \(word(".elf")) \(word(".c")) main-cortex-m.c
             * arm-none-eabi-size \(word(".elf"))
             * qemu-system-arm -M mps2-an386 -nographic -monitor none -serial none -semihosting-config enable=on,target=native -kernel \(word(".elf"))
             */
            #include <stdint.h>

            #include "\(file).h"

            extern uint32_t stack_bottom[], stack_top[], data_from[], data_start[], data_end[], bss_start[], bss_end[];
            void start(void);
            void failed(void);

            __attribute__((section(".vectors"), used)) static const uintptr_t vectors[16] = {
                (uintptr_t)stack_top, (uintptr_t)start, (uintptr_t)failed, (uintptr_t)failed, (uintptr_t)failed,
                (uintptr_t)failed, (uintptr_t)failed,
            };

            #define PAINT 0xA5C35A3Cu
            static union {
                uint32_t words[(\(upper)_ARENA_BYTES + 3) / 4 + 64];
                uint8_t bytes[1];
            } arena;

            static int host(int operation, const void *argument)
            {
                register int r0 __asm__("r0") = operation;
                register const void *r1 __asm__("r1") = argument;
                __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
                return r0;
            }

            static void say(const char *text, uint32_t number)
            {
                char digits[12];
                int k = 11;
                digits[k] = 0;
                do {
                    digits[--k] = (char)('0' + number % 10);
                    number /= 10;
                } while (number);
                host(4, text);
                host(4, digits + k);
                host(4, "\\n");
            }

            static void leave(uint32_t code)
            {
                const uint32_t reason[2] = {0x20026, code};
                host(0x20, reason);
                for (;;) {
                }
            }

            void failed(void)
            {
                host(4, "fault\\n");
                leave(3);
            }

            static int test(void)
            {
                const uint32_t words = (\(upper)_ARENA_BYTES + 3) / 4, all = sizeof arena.words / 4;
                for (uint32_t k = 0; k < all; k++)
                    arena.words[k] = PAINT;
            #ifdef \(upper)_SELFTEST
                const int wrong = \(name)_selftest(arena.words);
            #else
                static float input[\(upper)_INPUTS], output[\(upper)_OUTPUTS];
                const int wrong = \(name)_run(input, output, arena.words);
            #endif
                uint32_t used = words, beyond = 0;
                while (used > 0 && arena.words[used - 1] == PAINT)
                    used--;
                for (uint32_t k = words; k < all; k++)
                    beyond += arena.words[k] != PAINT;
                say("wrong: ", (uint32_t)wrong);
                say("arena stated: ", \(upper)_ARENA_BYTES);
                say("arena used: ", used * 4);
                say("words beyond the arena: ", beyond);
                return wrong != 0 || beyond != 0;
            }

            void start(void)
            {
                for (uint32_t *to = data_start, *from = data_from; to < data_end;)
                    *to++ = *from++;
                for (uint32_t *to = bss_start; to < bss_end;)
                    *to++ = 0;
            #ifdef __ARM_FP
                *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
                __asm__ volatile("dsb\\n\\tisb");
            #endif
                const uint32_t *end;
                __asm__ volatile("mov %0, sp" : "=r"(end));
                for (volatile uint32_t *to = stack_bottom; to < end; to++)
                    *to = PAINT;
                const int wrong = test();
                const uint32_t *low = stack_bottom;
                while (*low == PAINT)
                    low++;
                say("stack stated: ", (uint32_t)((uintptr_t)stack_top - (uintptr_t)stack_bottom));
                say("stack used: ", (uint32_t)((uintptr_t)stack_top - (uintptr_t)low));
                leave(wrong || low == stack_bottom ? 1 : 0);
            }

            """
    }

    var linkerScript: String {
        """
        /* The memories of Arm's MPS2 boards, as qemu has them; of another device set its own. */
        MEMORY
        {
            FLASH (rx) : ORIGIN = 0x00000000, LENGTH = 4M
            RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 4M
        }

        ENTRY(start)
        stack_size = 8K;

        SECTIONS
        {
            .text :
            {
                KEEP(*(.vectors))
                *(.text*)
                *(.rodata*)
                . = ALIGN(4);
            } > FLASH
            .ARM.exidx : { *(.ARM.exidx*) } > FLASH
            /* At the lowest address: a stack that grows too large leaves the memory, which is a fault, and damages nothing. */
            .stack (NOLOAD) :
            {
                stack_bottom = .;
                . = . + stack_size;
                stack_top = .;
            } > RAM
            data_from = LOADADDR(.data);
            .data :
            {
                data_start = .;
                *(.data*)
                . = ALIGN(4);
                data_end = .;
            } > RAM AT > FLASH
            .bss (NOLOAD) :
            {
                bss_start = .;
                *(.bss*)
                *(COMMON)
                . = ALIGN(4);
                bss_end = .;
            } > RAM
        }

        """
    }
}
