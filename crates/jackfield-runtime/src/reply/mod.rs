//! Converts an HTTP reply to the result that a model reads.

pub(crate) mod content;
pub(crate) mod credential_advice;
mod cut;
mod edits;
pub(crate) mod failure;
pub(crate) mod job;
#[cfg(feature = "jq")]
pub(crate) mod jq;
#[cfg(not(feature = "jq"))]
#[path = "no_jq.rs"]
mod jq;
pub(crate) mod jq_error;
mod json;
pub(crate) mod output;
pub(crate) mod page;
mod problem;
pub(crate) mod read;
pub(crate) mod relayed;
pub(crate) mod rule;
mod saved;
mod scalar;
pub(crate) mod shape;
mod stream;
pub(crate) mod structured;
mod success;
mod tape;
pub(crate) mod tool_result;
pub(crate) mod verbatim;
mod walk;
