//! Words for an operation itself, which texts use as the subject of a sentence.

/// Nouns that stand for the operation itself.
pub(crate) const ITSELF: [&str; 14] = [
    "action",
    "api",
    "call",
    "command",
    "endpoint",
    "function",
    "method",
    "mutation",
    "operation",
    "query",
    "request",
    "resource",
    "route",
    "service",
];

/// Nouns for an operation or a whole API, as they occur in remarks about versions and rights.
pub(crate) const OFFERED: [&str; 8] =
    ["api", "call", "endpoint", "feature", "method", "operation", "route", "version"];
