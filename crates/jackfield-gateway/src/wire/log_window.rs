//! A limit on the log messages of a server that are passed on.

use std::time::Duration;

use tokio::time::Instant;

/// The maximum number of messages in a second. Further ones are dropped, so that a server cannot flood the clients.
const MOST: u32 = 100;
const SECOND: Duration = Duration::from_secs(1);

/// Counts the messages of the current second.
#[derive(Debug)]
pub(super) struct LogWindow {
    began: Instant,
    count: u32,
}

impl LogWindow {
    fn new() -> Self {
        Self { began: Instant::now(), count: 0 }
    }

    /// Counts a message. Returns whether it may be sent.
    pub(super) fn admits(&mut self) -> bool {
        if self.began.elapsed() >= SECOND {
            *self = Self::new();
        }
        self.count = self.count.saturating_add(1);
        self.count <= MOST
    }
}

impl Default for LogWindow {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn log_messages_of_a_second_are_limited_and_the_next_second_is_free() {
        let mut window = LogWindow::new();
        let admitted = |window: &mut LogWindow| (0..1000).filter(|_| window.admits()).count();
        assert_eq!(admitted(&mut window), 100);
        tokio::time::advance(SECOND).await;
        assert_eq!(admitted(&mut window), 100);
    }
}
