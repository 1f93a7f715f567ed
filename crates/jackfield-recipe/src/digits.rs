//! Converts bytes and numbers to and from hexadecimal or decimal digits.

/// Returns the bytes as lower-case hexadecimal digits.
///
/// ```
/// assert_eq!(jackfield_recipe::hex_encode(&[0, 0x9f]), "009f");
/// ```
pub fn hex_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

/// Decodes exactly `2 * N` lower-case hexadecimal digits, as [`hex_encode`] writes them. `None` for any other text.
///
/// ```
/// use jackfield_recipe::hex_decode;
///
/// assert_eq!(hex_decode::<2>("009f"), Some([0, 0x9f]));
/// assert_eq!(hex_decode::<2>("009F"), None);
/// assert_eq!(hex_decode::<2>("9f"), None);
/// ```
pub fn hex_decode<const N: usize>(digits: &str) -> Option<[u8; N]> {
    let pairs = digits.as_bytes().chunks_exact(2);
    let is_exact = digits.len() == 2 * N && !digits.bytes().any(|digit| digit.is_ascii_uppercase());
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = hex_number(pair)?.try_into().ok()?;
    }
    is_exact.then_some(bytes)
}

/// Parses a hexadecimal number in either case. `None` for any other text, for a sign, and for a number that does not fit into `u64`.
/// `u64::from_str_radix` would accept `+41`.
///
/// ```
/// use jackfield_recipe::hex_number;
///
/// assert_eq!(hex_number(b"00e9"), Some(0xE9));
/// assert_eq!(hex_number(b"+41"), None);
/// ```
pub fn hex_number(digits: &[u8]) -> Option<u64> {
    number(digits, 16)
}

/// Parses a decimal number. `None` for any other text, for a sign, and for a number that does not fit into `u64`. `str::parse` would
/// accept `+41`.
pub fn decimal_number(digits: &[u8]) -> Option<u64> {
    number(digits, 10)
}

fn number(digits: &[u8], radix: u32) -> Option<u64> {
    let add = |number: u64, digit: &u8| {
        let digit = char::from(*digit).to_digit(radix)?;
        number.checked_mul(radix.into())?.checked_add(digit.into())
    };
    (!digits.is_empty()).then(|| digits.iter().try_fold(0, add)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_number_is_parsed_in_either_case_and_without_a_sign() {
        let long = "FFFFFFFFFFFFFFFF";
        for (digits, number) in [("0", 0), ("aF", 0xAF), ("00000000ff", 0xFF), (long, u64::MAX)] {
            assert_eq!(hex_number(digits.as_bytes()), Some(number), "{digits}");
        }
        for text in ["10000000000000000", "", "+1", "-1", " 1", "1_0", "0x1", "g", "١"] {
            assert_eq!(hex_number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn decimal_number_is_parsed_without_a_sign() {
        for (digits, number) in [("0", 0), ("007", 7), ("18446744073709551615", u64::MAX)] {
            assert_eq!(decimal_number(digits.as_bytes()), Some(number), "{digits}");
        }
        for text in ["18446744073709551616", "", "+1", "-0", "1 ", "a"] {
            assert_eq!(decimal_number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn byte_is_encoded_as_two_hex_digits() {
        let all: Vec<u8> = (0..=255).collect();
        let text = hex_encode(&all);
        let numbers = text.as_bytes().chunks(2).map(hex_number);
        assert!(numbers.eq((0..=255).map(Some)), "{text}");
    }
}
