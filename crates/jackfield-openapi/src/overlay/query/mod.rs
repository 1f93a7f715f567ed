//! JSONPath (RFC 9535) for the targets of actions, without the regular expressions of `match` and `search`.
//!
//! [`Query::parse`] reads an expression once. [`Query::select`] returns pointers in document order without duplicates:
//! an action changes a value once, however often the expression selects it. Why this is not a library: ADR 0028.

mod compare;
mod expression;
mod filter;
mod parse;
mod select;

#[cfg(test)]
mod tests;

pub(super) use self::expression::Query;
pub(super) use self::select::VisitLimitExceeded;
