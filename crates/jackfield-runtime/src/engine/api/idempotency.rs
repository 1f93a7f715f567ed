//! The idempotency key of a call, which is generated once and sent with every attempt.

use std::fmt::Write as _;

use crate::call::outgoing::Outgoing;
use crate::call::rows::Tool;
use crate::common::random::random_bytes;

/// Adds an idempotency key to a write, if the API has a header for such keys. If an argument has set the header, its value is kept. Returns
/// whether the request has a key.
pub(super) fn add_key(tool: &Tool<'_>, outgoing: &mut Outgoing) -> bool {
    if tool.idempotency_key.is_empty()
        || matches!(tool.method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "QUERY")
    {
        return false;
    }
    let Ok(random) = random_bytes::<16>() else { return false };
    outgoing.set_missing(tool.idempotency_key, &uuid(*random));
    true
}

/// Formats a UUID of version 4.
fn uuid(mut bytes: [u8; 16]) -> String {
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::uuid;

    #[test]
    fn idempotency_key_is_a_random_uuid() {
        assert_eq!(uuid([0; 16]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid([0xFF; 16]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
