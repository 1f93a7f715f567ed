//! JSONPath (RFC 9535) for the targets of actions, without the regular expressions of `match` and `search`.
//!
//! [`Query::parse`] parses an expression once. [`Query::select`] returns pointers in document order without
//! duplicates, so an action changes each value once, even if the expression selects it repeatedly. ADR 0028
//! explains why no library is used.

mod compare;
mod expression;
mod filter;
mod parse;
mod select;

#[cfg(test)]
mod tests;

pub(super) use self::expression::Query;
pub(super) use self::select::VisitLimitExceeded;
