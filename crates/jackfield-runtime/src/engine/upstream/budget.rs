//! The retry budget. If a service fails for all calls, retries would only increase its load.

use std::sync::atomic::{AtomicU32, Ordering};

/// The number of calls that earn one retry. At most a tenth of the calls is thus retried.
const PRICE: u32 = 10;

/// The maximum number of calls that are counted: enough for ten retries. A new budget begins with this number.
const FULL: u32 = 10 * PRICE;

/// Counts the calls that have not yet been spent on retries.
#[derive(Debug)]
pub(super) struct RetryBudget(AtomicU32);

impl Default for RetryBudget {
    fn default() -> Self {
        Self(AtomicU32::new(FULL))
    }
}

impl RetryBudget {
    /// Counts a call.
    pub(super) fn add_call(&self) {
        if self.0.load(Ordering::Relaxed) < FULL {
            let more = |calls: u32| (calls < FULL).then(|| calls + 1);
            let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        }
    }

    /// Spends the calls for one retry. Returns `false` if too few calls are left.
    pub(super) fn take_retry(&self) -> bool {
        let less = |calls: u32| calls.checked_sub(PRICE);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_a_tenth_of_the_calls_is_retried() {
        let budget = RetryBudget::default();
        let retries = (0..10_000).filter(|_| {
            budget.add_call();
            budget.take_retry()
        });
        assert_eq!(retries.count(), 1_009);
        for _ in 0..10_000 {
            budget.add_call();
        }
        assert_eq!((0..100).filter(|_| budget.take_retry()).count(), 10);
    }
}
