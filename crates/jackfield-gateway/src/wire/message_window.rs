//! A rate limit for the messages of a server.

use std::time::Duration;

use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// Counts the messages of the current second, so that a server cannot flood its clients.
#[derive(Debug)]
pub(crate) struct MessageWindow {
    began: Instant,
    count: u32,
}

impl MessageWindow {
    fn new() -> Self {
        Self { began: Instant::now(), count: 0 }
    }

    /// Counts a message. Returns whether it is among the first `most` messages of the current second.
    pub(crate) fn admits(&mut self, most: u32) -> bool {
        if self.began.elapsed() >= SECOND {
            *self = Self::new();
        }
        self.count = self.count.saturating_add(1);
        self.count <= most
    }
}

impl Default for MessageWindow {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn number_of_admitted_messages_is_limited_in_each_second() {
        let mut window = MessageWindow::new();
        let admitted = |window: &mut MessageWindow| (0..1000).filter(|_| window.admits(100)).count();
        assert_eq!(admitted(&mut window), 100);
        tokio::time::advance(SECOND).await;
        assert_eq!(admitted(&mut window), 100);
    }
}
