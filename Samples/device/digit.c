/* One's own program around an exported network: a picture as the sensor gives it, normalised as the training data was, and the
 * class whose answer is the largest. */
#include <stdio.h>

#include "digits.h"

static const unsigned char picture[DIGITS_INPUTS] = {
    0, 0,  6,  14, 1,  0,  0,  0,
    0, 0,  12, 10, 0,  0,  0,  0,
    0, 3,  16, 1,  0,  0,  0,  0,
    0, 5,  14, 0,  4,  2,  0,  0,
    0, 7,  16, 16, 16, 16, 5,  0,
    0, 4,  16, 6,  0,  9,  11, 0,
    0, 0,  14, 8,  5,  13, 9,  0,
    0, 0,  5,  13, 16, 12, 1,  0,
};

static const float means[] = DIGITS_MEANS, deviations[] = DIGITS_DEVIATIONS;

/* The network's memory while it runs; between two calls it may serve anything else. */
static union {
    float aligned;
    unsigned char bytes[DIGITS_ARENA_BYTES];
} arena;

int main(void)
{
    static float input[DIGITS_INPUTS], output[DIGITS_OUTPUTS];
    int digit = 0;
    for (int i = 0; i < DIGITS_INPUTS; i++)
        input[i] = ((float)picture[i] - means[0]) / deviations[0];
    if (digits_run(input, output, &arena) != 0)
        return 1;
    for (int i = 1; i < DIGITS_OUTPUTS; i++)
        if (output[i] > output[digit])
            digit = i;
    printf("the picture is a %d\n", digit);
    return 0;
}
