//! The slots of concurrent calls. A call gives its slot back while it waits for a person or for its service.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use crate::common::caller::Principal;

/// The maximum number of calls that wait for their service, per slot.
const PAUSED_PER_SLOT: usize = 16;

/// The slots of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct CallSlots(Arc<Slots>);

#[derive(Debug)]
struct Slots {
    calls: Arc<Semaphore>,
    paused: PausedCalls,
}

/// The deadline passed before a slot was free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoSlot;

/// The slot of one concurrent call. Dropping it releases the slot.
#[derive(Debug)]
pub(crate) struct CallSlot(Arc<Held>);

/// A reference to the slot of a call in progress. Empty for a call that hand-written code makes, which has no slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct LentSlot(Option<Arc<Held>>);

#[derive(Debug)]
struct Held {
    slots: CallSlots,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl CallSlots {
    pub(super) fn new(limit: usize) -> Self {
        let paused = PausedCalls { most_of_one: limit, of: Mutex::default(), keys: RandomState::new() };
        Self(Arc::new(Slots { calls: Arc::new(Semaphore::new(limit)), paused }))
    }

    /// Returns a slot, if one is free and no call waits for it.
    pub(super) fn free_one(&self) -> Option<CallSlot> {
        Some(self.slot(Arc::clone(&self.0.calls).try_acquire_owned().ok()?))
    }

    /// Waits for a slot, in the order of arrival.
    ///
    /// # Errors
    /// Returns an error if the deadline has passed.
    pub(super) async fn enter(&self, deadline: Instant) -> Result<CallSlot, NoSlot> {
        Ok(self.slot(self.permit(deadline).await?))
    }

    async fn permit(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, NoSlot> {
        match timeout_at(deadline, Arc::clone(&self.0.calls).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(NoSlot),
        }
    }

    fn slot(&self, permit: OwnedSemaphorePermit) -> CallSlot {
        CallSlot(Arc::new(Held { slots: self.clone(), permit: Mutex::new(Some(permit)) }))
    }

    /// Returns the number of free slots.
    #[cfg(test)]
    pub(super) fn free(&self) -> usize {
        self.0.calls.available_permits()
    }
}

impl CallSlot {
    pub(super) fn lent(&self) -> LentSlot {
        LentSlot(Some(Arc::clone(&self.0)))
    }
}

impl Drop for CallSlot {
    fn drop(&mut self) {
        self.0.release();
    }
}

impl Held {
    fn permit(&self) -> MutexGuard<'_, Option<OwnedSemaphorePermit>> {
        self.permit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn release(&self) {
        drop(self.permit().take());
    }
}

impl LentSlot {
    /// Gives the slot back, so that another call can use it.
    pub(crate) fn release(&self) {
        if let Some(held) = &self.0 {
            held.release();
        }
    }

    /// Returns the slot for a request of the call. If the call has given its slot back, it sends the request without a slot.
    pub(crate) fn if_held(&self) -> Self {
        Self(self.0.as_ref().filter(|held| held.permit().is_some()).map(Arc::clone))
    }

    /// Gives the slot back while the call waits for its service. If too many calls wait already, keeps the slot and returns `None`.
    pub(crate) fn pause(&self, principal: &Principal) -> Option<PausedCall> {
        let Some(held) = &self.0 else { return Some(PausedCall(None)) };
        let key = held.slots.0.paused.enter(principal)?;
        held.release();
        Some(PausedCall(Some((held.slots.clone(), key))))
    }

    /// Waits for a slot again, behind the calls that are already waiting. A full queue does not refuse the call, because it was admitted
    /// before.
    ///
    /// # Errors
    /// Returns an error if the deadline has passed.
    pub(crate) async fn reenter(&self, deadline: Instant) -> Result<(), NoSlot> {
        if let Some(held) = self.0.as_ref().filter(|held| held.permit().is_none()) {
            let permit = held.slots.permit(deadline).await?;
            *held.permit() = Some(permit);
        }
        Ok(())
    }
}

/// The number of calls that wait for their service, by principal. It is bounded per principal and in total, so that the waiting calls of
/// one principal do not prevent retries of other principals.
#[derive(Debug)]
struct PausedCalls {
    most_of_one: usize,
    of: Mutex<HashMap<u64, usize>>,
    keys: RandomState,
}

/// A call that waits for its service. It is counted until this value is dropped.
#[derive(Debug)]
pub(crate) struct PausedCall(Option<(CallSlots, u64)>);

impl PausedCalls {
    fn enter(&self, principal: &Principal) -> Option<u64> {
        let key = self.keys.hash_one(principal);
        let mut of = self.lock();
        let (all, own) = (of.values().sum::<usize>(), of.get(&key).copied().unwrap_or_default());
        if own >= self.most_of_one || all >= self.most_of_one.saturating_mul(PAUSED_PER_SLOT) {
            return None;
        }
        of.insert(key, own + 1);
        Some(key)
    }

    fn leave(&self, key: u64) {
        let mut of = self.lock();
        match of.get_mut(&key) {
            Some(calls) if *calls > 1 => *calls -= 1,
            _ => _ = of.remove(&key),
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, usize>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PausedCall {
    fn drop(&mut self) {
        if let Some((slots, key)) = &self.0 {
            slots.0.paused.leave(*key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn paused_call_gets_its_slot_back_after_the_calls_that_queued_before_it() {
        let slots = CallSlots::new(1);
        let first = slots.enter(soon()).await.unwrap();
        let lent = first.lent();
        let paused = lent.pause(&Principal::Local).unwrap();
        assert_eq!(slots.free(), 1);
        let second = slots.enter(soon()).await.unwrap();
        let third = tokio::spawn({
            let slots = slots.clone();
            async move { slots.enter(soon()).await }
        });
        tokio::task::yield_now().await;
        drop(paused);
        let again = tokio::spawn(async move { lent.reenter(soon()).await });
        tokio::task::yield_now().await;
        drop(second);
        let third = third.await.unwrap().unwrap();
        assert!(!again.is_finished());
        drop(third);
        again.await.unwrap().unwrap();
        assert_eq!(slots.free(), 0);
        drop(first);
        assert_eq!(slots.free(), 1);
    }

    #[tokio::test]
    async fn number_of_paused_calls_is_bounded_per_caller_and_in_total() {
        let slots = CallSlots::new(2);
        let slot = slots.enter(soon()).await.unwrap();
        let pause = |name: String| slot.lent().pause(&Principal::Token(name));
        let own: Vec<_> = (0..3).filter_map(|_| pause("ann".to_owned())).collect();
        assert_eq!(own.len(), 2);
        let others: Vec<_> = (0..40).filter_map(|number| pause(number.to_string())).collect();
        assert_eq!(own.len() + others.len(), 2 * PAUSED_PER_SLOT);
        drop((own, others));
        assert!(pause("ann".to_owned()).is_some());
        // A call without its own slot has no slot to give back.
        assert!(LentSlot::default().pause(&Principal::Local).is_some());
        assert!(LentSlot::default().reenter(Instant::now()).await.is_ok());
    }

    #[tokio::test]
    async fn paused_call_whose_deadline_passes_gets_no_slot() {
        let slots = CallSlots::new(1);
        let first = slots.enter(soon()).await.unwrap();
        let lent = first.lent();
        drop(lent.pause(&Principal::Local).unwrap());
        let _second = slots.enter(soon()).await.unwrap();
        assert_eq!(lent.reenter(Instant::now()).await, Err(NoSlot));
        drop(first);
        assert_eq!(slots.free(), 0);
    }
}
