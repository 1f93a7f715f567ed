//! Policies for servers that many people use: tokens, permissions, limits, approvals, audit, metrics, and
//! their store.

pub(crate) mod audit;
pub(crate) mod metrics;
pub(crate) mod rights;
pub(crate) mod store;
