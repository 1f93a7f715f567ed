//! The `safetensors` format: a length, a JSON header, and the numbers.

use std::ops::Range;

use serde_json::{Map, Value};

use super::error::Invalid;

/// The maximum size of the header in bytes.
const LONGEST_HEADER: usize = 1 << 20;

/// The tensors of a file.
pub(super) struct Tensors<'b> {
    header: Map<String, Value>,
    data: &'b [u8],
}

impl<'b> Tensors<'b> {
    pub(super) fn parse(bytes: &'b [u8]) -> Result<Self, Invalid> {
        let (length, rest) =
            bytes.split_first_chunk::<8>().ok_or("the file ends within the length of its header")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        if length > LONGEST_HEADER {
            return Err(format!("the header has {length} bytes (limit {LONGEST_HEADER})").into());
        }
        let (header, data) = rest.split_at_checked(length).ok_or("the file ends within its header")?;
        let header = serde_json::from_slice(header)
            .map_err(|error| Invalid::from(format!("the header is invalid: {error}")))?;
        Ok(Self { header, data })
    }

    /// Whether a tensor named `name` exists.
    pub(super) fn has(&self, name: &str) -> bool {
        self.header.contains_key(name)
    }

    /// Returns the numbers of the tensor `name`, whose shape must be `wanted`. A dimension of 0 in `wanted` accepts any length.
    pub(super) fn numbers<const D: usize>(
        &self,
        name: &str,
        wanted: [usize; D],
    ) -> Result<([usize; D], Vec<f32>), Invalid> {
        let entry = self.header.get(name).ok_or_else(|| format!("there is no tensor `{name}`"))?;
        let kind = entry.get("dtype").and_then(Value::as_str).unwrap_or_default();
        if kind != "F32" {
            return Err(format!("tensor `{name}` has the type `{kind}`; only F32 is supported").into());
        }
        let shape = usizes(entry.get("shape")).and_then(|shape| <[usize; D]>::try_from(shape).ok());
        let fits = |shape: &[usize; D]| {
            shape.iter().zip(wanted).all(|(is, wanted)| *is > 0 && (wanted == 0 || *is == wanted))
        };
        let shape = shape.filter(fits).ok_or_else(|| format!("tensor `{name}` has an unexpected shape"))?;
        let count = shape.iter().try_fold(4_usize, |count, length| count.checked_mul(*length));
        let bytes = self.range(entry).filter(|bytes| Some(bytes.len()) == count);
        let bytes = bytes.ok_or_else(|| format!("tensor `{name}` lies outside of the file"))?;
        let numbers: Vec<f32> =
            bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        if numbers.iter().any(|number| !number.is_finite()) {
            return Err(format!("tensor `{name}` has a number that is not finite").into());
        }
        Ok((shape, numbers))
    }

    fn range(&self, entry: &Value) -> Option<&'b [u8]> {
        let offsets = usizes(entry.get("data_offsets"))?;
        let [begin, end] = <[usize; 2]>::try_from(offsets).ok()?;
        self.data.get(Range { start: begin, end })
    }
}

fn usizes(value: Option<&Value>) -> Option<Vec<usize>> {
    value?.as_array()?.iter().map(|number| usize::try_from(number.as_u64()?).ok()).collect()
}
