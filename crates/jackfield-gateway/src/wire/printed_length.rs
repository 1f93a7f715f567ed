//! Checks the length of values as JSON without building their text.

use std::io;

use serde::Serialize;

/// The number of bytes that may still be written.
struct Left(usize);

impl io::Write for Left {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.0.checked_sub(bytes.len());
        self.0 = left.ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the JSON of a value has at most `most` bytes.
pub(crate) fn fits(value: &impl Serialize, most: usize) -> bool {
    serde_json::to_writer(Left(most), value).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn value_fits_if_its_json_has_at_most_the_given_length() {
        for value in [json!(null), json!("é\n\u{1}"), json!({ "a": [1, 2.5, { "b": "x" }] }), json!([])] {
            let length = value.to_string().len();
            assert!(fits(&value, length) && !fits(&value, length - 1), "{value}");
        }
    }
}
