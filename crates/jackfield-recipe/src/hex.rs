//! Hexadecimal text.

/// Encodes bytes as lower-case hexadecimal digits.
pub fn hex_encode(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(2 * bytes.len());
    text.extend(digits.map(|digit| char::from(DIGITS[usize::from(digit)])));
    text
}

#[cfg(test)]
mod tests {
    use super::hex_encode;

    #[test]
    fn hex_encode_writes_two_lower_case_digits_per_byte() {
        assert_eq!(hex_encode(&[0, 0x0a, 0x9f, 0xff]), "000a9fff");
        assert_eq!(hex_encode(&[]), "");
    }
}
