//! Replaces idempotency keys before requests are compared, because every call has another key.

use jackfield_testkit::Recorded;

const MASK: &str = "{key}";

/// Whether a text is a random UUID (version 4), as the runtime creates them.
fn is_key(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts.iter().all(is_hex)
        && parts[2].starts_with('4')
}

/// Replaces the keys in the headers of requests, and returns them.
pub(crate) fn mask(requests: &mut [Recorded]) -> Vec<String> {
    let mut keys = Vec::new();
    for request in requests {
        for (_, value) in request.headers.iter_mut().filter(|(_, value)| is_key(value)) {
            let key = std::mem::replace(value, MASK.to_owned());
            if let Some(at) = request.head.windows(key.len()).position(|window| window == key.as_bytes()) {
                request.head.splice(at..at + key.len(), MASK.bytes());
            }
            keys.push(key);
        }
    }
    keys
}

/// Replaces keys in a text that a service has echoed.
pub(crate) fn mask_text(text: &str, keys: &[String]) -> String {
    keys.iter().fold(text.to_owned(), |text, key| text.replace(key.as_str(), MASK))
}
