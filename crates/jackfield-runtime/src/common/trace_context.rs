//! The W3C trace context of a call, which is passed on to the service.

use std::fmt;
use std::sync::Arc;

/// The maximum length of a `tracestate` that is passed on. The standard recommends at least this length.
const LONGEST_STATE: usize = 512;

/// The maximum number of members of a `tracestate`.
const MOST_MEMBERS: usize = 32;

/// A valid trace context. Cheap to clone. `Display` writes the trace id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TraceContext(Arc<Fields>);

#[derive(Debug, PartialEq, Eq)]
struct Fields {
    parent: String,
    state: Option<String>,
}

impl TraceContext {
    /// Parses the values of `traceparent` and `tracestate`. `None` if `traceparent` is invalid. An invalid `tracestate` is left
    /// out.
    pub(crate) fn parse(parent: &str, state: Option<&str>) -> Option<Self> {
        let parent = parent.trim();
        let bytes = parent.as_bytes();
        let is_hex = |part: &[u8]| part.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let has_value = |part: &[u8]| part.iter().any(|b| *b != b'0');
        let (version, trace, span, flags) =
            (bytes.get(..2)?, bytes.get(3..35)?, bytes.get(36..52)?, bytes.get(53..55)?);
        let is_valid = [version, trace, span, flags].into_iter().all(is_hex)
            && [2, 35, 52].iter().all(|at| bytes[*at] == b'-')
            && has_value(trace)
            && has_value(span)
            && version != b"ff"
            // Later versions may append fields.
            && (bytes.len() == 55 || (version != b"00" && bytes[55] == b'-' && bytes.len() <= 256));
        if !is_valid || !parent.is_ascii() {
            return None;
        }
        let state = state.map(str::trim).filter(|state| is_state(state)).map(str::to_owned);
        // A later version may have more fields. Only the fields of version 00 are passed on.
        let parent = format!("00-{}", &parent[3..55]);
        Some(Self(Arc::new(Fields { parent, state })))
    }

    /// Returns the value of `traceparent`.
    pub(crate) fn parent(&self) -> &str {
        &self.0.parent
    }

    /// Returns the value of `tracestate`.
    pub(crate) fn state(&self) -> Option<&str> {
        self.0.state.as_deref()
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.parent[3..35])
    }
}

fn is_state(state: &str) -> bool {
    !state.is_empty()
        && state.len() <= LONGEST_STATE
        && state.split(',').count() <= MOST_MEMBERS
        && state.bytes().all(|b| matches!(b, b' '..=b'~' | b'\t'))
        && state.split(',').all(|member| member.trim().is_empty() || member.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn only_a_valid_trace_context_is_passed_on() {
        let parsed = TraceContext::parse(PARENT, Some("vendor=1,other=2")).unwrap();
        assert_eq!((parsed.parent(), parsed.state()), (PARENT, Some("vendor=1,other=2")));
        assert_eq!(parsed.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        let later = TraceContext::parse(&format!("cc{}-more", &PARENT[2..]), None).unwrap();
        assert_eq!(later.parent(), PARENT);
        for wrong in [
            "",
            "00",
            &PARENT[..54],
            &format!("{PARENT}0"),
            &format!("{PARENT}-more"),
            &PARENT.to_uppercase(),
            &PARENT.replace("00-4bf", "ff-4bf"),
            &PARENT.replace('-', "_"),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\u{e9}-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\nx: y",
        ] {
            assert_eq!(TraceContext::parse(wrong, None), None, "{wrong:?}");
        }
        for wrong in
            ["", "x", "a=1\r\nb: c", &"a=1,".repeat(40), &format!("a={}", "x".repeat(600)), "a=\u{e9}"]
        {
            assert_eq!(TraceContext::parse(PARENT, Some(wrong)).unwrap().state(), None, "{wrong:?}");
        }
    }
}
