//! Decides which requests may have cached replies.

use jackfield_recipe::{Effect, Location};

use crate::call::outgoing::Outgoing;
use crate::call::rows::Tool;

/// Conditional, range and cache headers. If an argument or connector.toml sets one of them, the cache is bypassed.
const DECIDED: [&str; 8] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    "range",
    "cache-control",
    "pragma",
];

/// Whether the reply to a request may be cached.
pub(super) fn is_cacheable(tool: &Tool<'_>, outgoing: &Outgoing) -> bool {
    let is_decided = |name: &str| DECIDED.iter().any(|known| Location::Header.is_same_name(name, known));
    tool.method == "GET"
        && tool.effect == Effect::Read
        && !outgoing.headers.iter().any(|pair| is_decided(&pair.name))
}
