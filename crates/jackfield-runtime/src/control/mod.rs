//! Policies for servers that many people use (tokens, permissions, limits, approvals, audit and metrics), and the store
//! that keeps their state.

pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod metrics;
pub(crate) mod pins;
pub(crate) mod readiness;
pub(crate) mod rights;
pub(crate) mod store;
mod task_questions;
pub(crate) mod tasks;
pub(crate) mod tokens;
