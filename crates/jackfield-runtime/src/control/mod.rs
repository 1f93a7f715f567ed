//! Policies for servers that many people use: tokens, permissions, limits, approvals, audit, metrics, and
//! their store.

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
