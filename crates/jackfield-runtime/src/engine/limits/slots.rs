//! Calls in flight by key, with bounded queues.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// The calls in flight and waiting, by key. A key without calls takes no memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots(Arc<Mutex<HashMap<u64, Used>>>);

#[derive(Debug)]
struct Used {
    semaphore: Arc<Semaphore>,
    /// The calls in flight and waiting.
    calls: usize,
}

/// The slot of a call. Dropping it lets the next call begin.
#[derive(Debug)]
pub(super) struct Slot {
    /// The permit is released before the call is removed from the count.
    permit: Option<OwnedSemaphorePermit>,
    slots: Slots,
    key: u64,
}

/// The reason why a call gets no slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSlot {
    /// The queue is full.
    QueueFull,
    /// The deadline passed in the queue.
    Late,
}

impl Slots {
    /// Waits for one of `limit` slots. At most `queue` calls wait.
    pub(super) async fn enter(
        &self,
        key: u64,
        limit: usize,
        queue: usize,
        deadline: Instant,
    ) -> Result<Slot, NoSlot> {
        let (semaphore, mut slot) = {
            let mut slots = self.lock();
            let used = slots
                .entry(key)
                .or_insert_with(|| Used { semaphore: Arc::new(Semaphore::new(limit)), calls: 0 });
            if used.calls >= limit.saturating_add(queue) {
                return Err(NoSlot::QueueFull);
            }
            used.calls += 1;
            (Arc::clone(&used.semaphore), Slot { permit: None, slots: self.clone(), key })
        };
        match timeout_at(deadline, semaphore.acquire_owned()).await {
            Ok(Ok(permit)) => {
                slot.permit = Some(permit);
                Ok(slot)
            }
            _ => Err(NoSlot::Late),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Used>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of calls in flight and waiting, for each key.
    #[cfg(test)]
    pub(super) fn calls(&self) -> Vec<usize> {
        self.lock().values().map(|used| used.calls).collect()
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut slots = self.slots.lock();
        if let Some(used) = slots.get_mut(&self.key) {
            used.calls -= 1;
            if used.calls == 0 {
                slots.remove(&self.key);
            }
        }
    }
}
