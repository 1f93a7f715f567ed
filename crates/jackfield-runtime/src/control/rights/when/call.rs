//! The call that a condition decides about, and the problem of an invalid condition.

use serde_json::{Map, Value};

use crate::common::caller::Caller;
use crate::engine::request::Target;

/// The reason why an expression cannot be a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct WhenError {
    /// The byte offset in the expression, if it is known.
    pub(in super::super) at: usize,
    pub(in super::super) problem: String,
    pub(in super::super) remedy: String,
}

/// The call that a condition decides about.
#[derive(Clone, Copy)]
#[cfg_attr(not(feature = "conditions"), allow(dead_code, reason = "only conditions read it"))]
pub(in super::super) struct WhenCall<'c> {
    pub(in super::super) caller: &'c Caller,
    pub(in super::super) target: Target<'c>,
    pub(in super::super) arguments: &'c Map<String, Value>,
}
