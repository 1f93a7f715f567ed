//! Limits on the calls of each caller: token buckets, and calls in flight.

mod buckets;
pub(crate) mod call_limits;
mod slots;

#[cfg(test)]
mod tests;
