#pragma once

namespace lambent::bloblang {

// Go's package math on amd64, where its last digit differs from the C library's: sine, cosine and tangent by the polynomials
// of the Cephes library (S. Moshier), the logarithm as FreeBSD's msun (e_log.c), powers by repeated squaring, decimal
// logarithms by way of binary ones.
double go_sin(double x) noexcept;
double go_cos(double x) noexcept;
double go_tan(double x) noexcept;
double go_log(double x) noexcept;
double go_log10(double x) noexcept;
double go_pow(double x, double y) noexcept;

} // namespace lambent::bloblang
