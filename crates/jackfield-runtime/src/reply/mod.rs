//! Converts an HTTP reply to the result that a model reads.

pub(crate) mod content;
pub(crate) mod credential_advice;
mod failure;
mod json;
pub(crate) mod output;
mod problem;
pub(crate) mod read;
mod stream;
pub(crate) mod structured;
mod success;
pub(crate) mod tool_result;
pub(crate) mod verbatim;
