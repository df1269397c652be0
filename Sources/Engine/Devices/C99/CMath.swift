/// Functions of float32 that C has not without a library, each within 1e-6 of the exact one, relative.
enum CMath {
    static let all: [CKernels.Kernel] = [
        CKernels.Kernel(
            name: "limited",
            text: """
                static float limited(float x, float low, float high)
                {
                    return x < low ? low : x > high ? high : x;
                }
                """),
        CKernels.Kernel(
            name: "exponential",
            text: """
                /* 2^n times e^r, r within half a logarithm of 2, by its series. */
                static float exponential(float x)
                {
                    if (x < -87.0f)
                        return 0.0f;
                    if (x > 88.0f)
                        x = 88.0f;
                    const int n = (int)(x * 1.44269504f + (x < 0.0f ? -0.5f : 0.5f));
                    const float r = x - (float)n * 0.693359375f + (float)n * 2.12194440e-4f;
                    const float e = 1.0f + r * (1.0f + r * (0.5f + r * (0.166666667f + r * (0.0416666667f
                        + r * (0.00833333333f + r * (0.00138888889f + r * 0.000198412698f))))));
                    const uint32_t bits = (uint32_t)(n + 127) << 23;
                    float power;
                    memcpy(&power, &bits, sizeof power);
                    return e * power;
                }
                """),
        CKernels.Kernel(
            name: "exp_less_one", needs: ["exponential"],
            text: """
                static float exp_less_one(float x)
                {
                    if (x < -0.35f || x > 0.35f)
                        return exponential(x) - 1.0f;
                    return x * (1.0f + x * (0.5f + x * (0.166666667f + x * (0.0416666667f + x * (0.00833333333f
                        + x * (0.00138888889f + x * 0.000198412698f))))));
                }
                """),
        CKernels.Kernel(
            name: "logarithm",
            text: """
                /* n times the logarithm of 2, and that of m, which is near 1, by the series of (m - 1) / (m + 1). */
                static float logarithm(float x)
                {
                    if (!(x > 0.0f))
                        return x < 0.0f ? INFINITE - INFINITE : -INFINITE;
                    uint32_t bits;
                    memcpy(&bits, &x, sizeof bits);
                    int n = (int)(bits >> 23) - 127;
                    bits = (bits & 0x7FFFFFu) | 0x3F800000u;
                    float m;
                    memcpy(&m, &bits, sizeof m);
                    if (m > 1.41421356f) {
                        m *= 0.5f;
                        n++;
                    }
                    const float s = (m - 1.0f) / (m + 1.0f), q = s * s;
                    const float part = 2.0f * s * (1.0f + q * (0.333333333f + q * (0.2f + q * (0.142857143f + q * 0.111111111f))));
                    return (float)n * 0.693359375f + (part - (float)n * 2.12194440e-4f);
                }
                """),
        CKernels.Kernel(
            name: "square_root",
            text: """
                /* A first guess by half the exponent, then Newton's steps. */
                static float square_root(float x)
                {
                    if (!(x > 0.0f))
                        return x < 0.0f ? INFINITE - INFINITE : 0.0f;
                    uint32_t bits;
                    memcpy(&bits, &x, sizeof bits);
                    bits = (bits >> 1) + 0x1FBD1DF5u;
                    float y;
                    memcpy(&y, &bits, sizeof y);
                    for (int k = 0; k < 3; k++)
                        y = 0.5f * (y + x / y);
                    return y;
                }
                """),
        CKernels.Kernel(
            name: "sigmoid", needs: ["exponential"],
            text: """
                static float sigmoid(float x)
                {
                    const float e = exponential(x < 0.0f ? x : -x);
                    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
                }
                """),
        CKernels.Kernel(
            name: "hyperbolic_tangent", needs: ["exp_less_one"],
            text: """
                static float hyperbolic_tangent(float x)
                {
                    const float size = x < 0.0f ? -x : x;
                    const float e = exp_less_one(size > 20.0f ? 40.0f : 2.0f * size);
                    const float y = e / (e + 2.0f);
                    return x < 0.0f ? -y : y;
                }
                """),
        CKernels.Kernel(
            name: "softplus", needs: ["exponential", "logarithm"],
            text: """
                /* log(1 + e^x) = max(x, 0) + log(1 + e), e = e^-|x|; of a small e by its series. */
                static float softplus(float x)
                {
                    const float e = exponential(x < 0.0f ? x : -x);
                    const float part = e < 0.01f ? e * (1.0f - e * (0.5f - e * (0.333333333f - e * 0.25f))) : logarithm(1.0f + e);
                    return x > 0.0f ? x + part : part;
                }
                """),
        CKernels.Kernel(
            name: "error_function", needs: ["exponential"],
            text: """
                /* Below 1 x + x P(x^2), above 1 - e^-(t Q(t)) with t = |x|. */
                static float error_function(float x)
                {
                    const float size = x < 0.0f ? -x : x;
                    if (size < 1.0f) {
                        const float s = x * x;
                        return x + x * (\(CText.float(0x1.06eba8p-3)) + s * (\(CText.float(-0x1.81273ep-2))
                            + s * (\(CText.float(0x1.ce2d2p-4)) + s * (\(CText.float(-0x1.b7fbb4p-6)) + s * (\(CText.float(0x1.5419f4p-8))
                            + s * (\(CText.float(-0x1.a485ecp-11)) + s * \(CText.float(0x1.4ae4dp-14))))))));
                    }
                    const float t = size > 4.0f ? 4.0f : size;
                    const float q = \(CText.float(0x1.20e818p+0)) + t * (\(CText.float(0x1.4576f4p-1))
                        + t * (\(CText.float(0x1.aec632p-4)) + t * (\(CText.float(-0x1.71e0f2p-6)) + t * (\(CText.float(0x1.780f78p-9))
                        + t * (\(CText.float(-0x1.cc3cecp-16)) + t * (\(CText.float(-0x1.a2ef9ap-15)) + t * \(CText.float(0x1.637aa4p-18))))))));
                    const float y = 1.0f - exponential(-(t * q));
                    return x < 0.0f ? -y : y;
                }
                """),
        CKernels.Kernel(
            name: "power", needs: ["exponential", "logarithm", "square_root"],
            text: """
                /* A whole exponent by multiplications, others by e^(exponent log x). */
                static float power(float x, float exponent)
                {
                    if (exponent == 0.5f)
                        return square_root(x);
                    const int whole = exponent > -16.5f && exponent < 16.5f ? (int)exponent : 17;
                    if ((float)whole == exponent) {
                        float y = 1.0f;
                        for (int k = whole < 0 ? -whole : whole; k > 0; k--)
                            y *= x;
                        return whole < 0 ? 1.0f / y : y;
                    }
                    return x == 0.0f ? 0.0f : exponential(exponent * logarithm(x));
                }
                """),
        CKernels.Kernel(
            name: "rounded_down",
            text: """
                static float rounded_down(float x)
                {
                    if (!(x > -8388608.0f && x < 8388608.0f))
                        return x;
                    const float whole = (float)(int)x;
                    return whole > x ? whole - 1.0f : whole;
                }
                """),
        CKernels.Kernel(
            name: "rounded", needs: ["rounded_down"],
            text: """
                /* To the nearest, of two the even one. */
                static float rounded(float x)
                {
                    const float below = rounded_down(x), rest = x - below;
                    if (rest != 0.5f)
                        return rest < 0.5f ? below : below + 1.0f;
                    return rounded_down(below * 0.5f) * 2.0f == below ? below : below + 1.0f;
                }
                """),
    ]
}
