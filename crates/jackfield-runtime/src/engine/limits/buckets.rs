//! Token buckets by key (generic cell rate algorithm). A bucket is stored as the time at which it is full again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jackfield_recipe::CallRate;

/// The maximum number of stored buckets. They take about 6 MB.
pub(super) const MOST: usize = 1 << 18;
/// The number of buckets above which full buckets are removed.
const FIRST_SWEEP: usize = 1 << 10;

/// Buckets by key. A full bucket equals an absent bucket, so it need not be stored.
#[derive(Debug)]
pub(super) struct Buckets(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    /// The time in nanoseconds at which each bucket is full.
    full_at: HashMap<u64, u64>,
    /// The number of buckets at which full buckets are removed next.
    sweep_at: usize,
}

impl Default for Buckets {
    fn default() -> Self {
        Self(Mutex::new(Kept { full_at: HashMap::new(), sweep_at: FIRST_SWEEP }))
    }
}

impl Buckets {
    /// Takes a token at `now`, in nanoseconds since an arbitrary start.
    ///
    /// # Errors
    /// Returns the waiting time as an error if the bucket has no token.
    pub(super) fn take(&self, key: u64, rate: CallRate, now: u64) -> Result<(), Duration> {
        let period = u64::from(rate.seconds.max(1)) * 1_000_000_000;
        let token = period / u64::from(rate.calls.max(1));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = kept.full_at.get(&key).copied().unwrap_or(0).max(now);
        let with_one_less = full_at.saturating_add(token);
        // An empty bucket is full again after one period.
        let earliest = with_one_less.saturating_sub(period);
        if earliest > now {
            return Err(Duration::from_nanos(earliest - now));
        }
        if kept.full_at.len() >= kept.sweep_at && !kept.full_at.contains_key(&key) {
            kept.sweep(now);
        }
        kept.full_at.insert(key, with_one_less);
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).full_at.len()
    }
}

impl Kept {
    /// Removes full buckets. If too many remain, removes the half of them that will be full soonest.
    fn sweep(&mut self, now: u64) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= MOST {
            let mut times: Vec<u64> = self.full_at.values().copied().collect();
            let middle = times.len() / 2;
            let (_, middle, _) = times.select_nth_unstable(middle);
            let middle = *middle;
            self.full_at.retain(|_, full_at| *full_at > middle);
        }
        self.sweep_at = (self.full_at.len() * 2).clamp(FIRST_SWEEP, MOST);
        self.full_at.shrink_to(self.sweep_at);
    }
}
