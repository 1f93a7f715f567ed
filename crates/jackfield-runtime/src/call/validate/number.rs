//! Exact comparison of JSON numbers: 64-bit integers and floats, as docs/adr/0006 specifies.

use std::cmp::Ordering;

use serde_json::Number;

/// 2^64. Every float from this number on is greater than every 64-bit integer.
const BEYOND: f64 = 18_446_744_073_709_551_616.0;

fn integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Returns the number as an integer, if it equals a 64-bit integer. `1.0` is 1.
pub(super) fn whole(number: &Number) -> Option<i128> {
    integer(number).or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < BEYOND)?;
        #[allow(clippy::cast_possible_truncation, reason = "the number is whole and below 2^64")]
        Some(float as i128)
    })
}

/// Whether JSON Schema counts the number as an integer.
pub(super) fn is_integer(number: &Number) -> bool {
    integer(number).is_some() || number.as_f64().is_some_and(|float| float.fract() == 0.0)
}

/// Compares two numbers by their mathematical values.
pub(super) fn compare(a: &Number, b: &Number) -> Ordering {
    match (whole(a), whole(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(a), None) => compare_mixed(a, b.as_f64().unwrap_or_default()),
        (None, Some(b)) => compare_mixed(b, a.as_f64().unwrap_or_default()).reverse(),
        (None, None) => {
            let [a, b] = [a, b].map(|number| number.as_f64().unwrap_or_default());
            a.partial_cmp(&b).unwrap_or(Ordering::Equal)
        }
    }
}

/// Compares an integer with a float that has a fraction or does not fit into 64 bits.
fn compare_mixed(integer: i128, float: f64) -> Ordering {
    if float.abs() >= BEYOND {
        return if float > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the caller has checked that the number is below 2^64"
    )]
    let below = float.floor() as i128;
    if integer <= below { Ordering::Less } else { Ordering::Greater }
}

/// Whether a number is a multiple of another number, computed with their decimal spellings: 19.99 is a multiple of 0.01.
pub(super) fn is_multiple(number: &Number, of: &Number) -> bool {
    let (Some((value, value_exponent)), Some((divisor, divisor_exponent))) = (decimal(number), decimal(of))
    else {
        return true;
    };
    if divisor == 0 || value == 0 {
        return true;
    }
    match u32::try_from(value_exponent - divisor_exponent) {
        Ok(exponent) => {
            let factor = power_modulo(10, exponent, divisor);
            ((value % divisor) * factor).is_multiple_of(divisor)
        }
        Err(_) => {
            let exponent = value_exponent.abs_diff(divisor_exponent);
            let divisor = 10_u128.checked_pow(exponent).and_then(|factor| factor.checked_mul(divisor));
            divisor.is_some_and(|divisor| value.is_multiple_of(divisor))
        }
    }
}

/// Returns the digits of a number without its sign, in fewer than 64 bits, and the power of ten that they are multiplied by.
fn decimal(number: &Number) -> Option<(u128, i32)> {
    let text = number.to_string();
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut exponent: i32 = exponent.parse().ok()?;
    exponent -= i32::try_from(after.len()).ok()?;
    let all = format!("{before}{after}");
    let digits = all.trim_end_matches('0');
    exponent += i32::try_from(all.len() - digits.len()).ok()?;
    Some(if digits.is_empty() { (0, 0) } else { (digits.parse().ok()?, exponent) })
}

fn power_modulo(base: u128, mut exponent: u32, modulus: u128) -> u128 {
    let mut result = 1 % modulus;
    let mut base = base % modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn number(value: &Value) -> &Number {
        match value {
            Value::Number(number) => number,
            _ => unreachable!("a number"),
        }
    }

    #[test]
    fn multiple_of_compares_decimal_spellings() {
        for (value, of, expected) in [
            (json!(19.99), json!(0.01), true),
            (json!(0.3), json!(0.1), true),
            (json!(0.35), json!(0.1), false),
            (json!(1e308), json!(0.5), true),
            (json!(1e308), json!(0.123456789), false),
            (json!(u64::MAX), json!(5), true),
            (json!(u64::MAX), json!(4), false),
            (json!(-6), json!(3), true),
            (json!(1), json!(1e-300), true),
            (json!(1e-300), json!(1), false),
            (json!(0), json!(7), true),
        ] {
            assert_eq!(is_multiple(number(&value), number(&of)), expected, "{value} of {of}");
        }
    }

    #[test]
    fn integer_and_float_are_compared_exactly() {
        for (a, b, expected) in [
            (json!(i64::MAX), json!(i64::MAX as f64), Ordering::Less),
            (json!(u64::MAX), json!(1e30), Ordering::Less),
            (json!(1), json!(1.0), Ordering::Equal),
            (json!(-1), json!(-1.5), Ordering::Greater),
            (json!(2), json!(1.5), Ordering::Greater),
            (json!(0.0), json!(-0.0), Ordering::Equal),
            (json!(i64::MIN), json!(-1e30), Ordering::Greater),
        ] {
            assert_eq!(compare(number(&a), number(&b)), expected, "{a} and {b}");
            assert_eq!(compare(number(&b), number(&a)), expected.reverse(), "{b} and {a}");
        }
    }
}
