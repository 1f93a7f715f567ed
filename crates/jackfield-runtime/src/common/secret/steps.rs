//! Counts the steps of a search, which stops when its call has ended.

/// Counts the steps of a search, and regularly checks whether the call has ended.
pub(super) struct Steps<'a> {
    pub(super) taken: usize,
    ask_at: usize,
    is_stopped: &'a dyn Fn() -> bool,
}

/// The error of a search that was stopped because its call has ended.
pub(super) struct Stopped;

/// The number of steps between two checks.
const ASK_AFTER: usize = 64 * 1024;

impl<'a> Steps<'a> {
    pub(super) fn new(is_stopped: &'a dyn Fn() -> bool) -> Self {
        Self { taken: 0, ask_at: 0, is_stopped }
    }

    pub(super) fn take(&mut self, steps: usize) -> Result<(), Stopped> {
        if self.taken >= self.ask_at {
            if (self.is_stopped)() {
                return Err(Stopped);
            }
            self.ask_at = self.taken + ASK_AFTER;
        }
        self.taken += steps;
        Ok(())
    }
}
