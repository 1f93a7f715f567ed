//! Which requests have replies that may be kept.

use jackfield_recipe::{Effect, Location};

use crate::call::outgoing::Outgoing;
use crate::call::rows::Tool;

/// Headers with which a caller or connector.toml decides about versions, parts and caches. The replies to such requests are shown as they come.
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

/// Whether the reply to a request may be kept.
pub(super) fn is_cacheable(tool: &Tool<'_>, outgoing: &Outgoing) -> bool {
    let is_decided = |name: &str| DECIDED.iter().any(|known| Location::Header.is_same_name(name, known));
    tool.method == "GET"
        && tool.effect == Effect::Read
        && !outgoing.headers.iter().any(|pair| is_decided(&pair.name))
}
