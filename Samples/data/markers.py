"""Makes markers.npz: rows of 32 tokens out of 64; the class is which of the first four comes most often.  python3 markers.py"""
import numpy as np

random = np.random.default_rng(7)


def part(count):
    classes = random.integers(0, 4, count)
    tokens = random.integers(4, 64, (count, 32))
    for row, winner in enumerate(classes):
        often = random.integers(1, 4, 4)
        often[winner] = often.max() + 1 + random.integers(0, 2)
        tokens[row, random.permutation(32)[: often.sum()]] = np.repeat(np.arange(4), often)
    return tokens.astype(np.uint8), classes.astype(np.uint8)


x_train, y_train = part(6000)
x_test, y_test = part(1000)
np.savez_compressed("markers.npz", x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)
