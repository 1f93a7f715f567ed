//! The output of the transport over streams, in which several tasks write whole lines.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// The output of a transport. Clones share it.
pub(super) struct LineOutput<W>(Arc<Shared<W>>);

struct Shared<W> {
    /// `None` after the output was closed.
    writer: tokio::sync::Mutex<Option<W>>,
    queue: Mutex<Queue>,
}

/// The lines that are written with the next write. If many calls end at the same time, they share a write.
#[derive(Default)]
struct Queue {
    lines: Vec<u8>,
    /// Whether a task will write the lines.
    is_taken: bool,
}

impl<W> Clone for LineOutput<W> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<W: AsyncWrite + Unpin> LineOutput<W> {
    pub(super) fn new(writer: W) -> Self {
        let (writer, queue) = (tokio::sync::Mutex::new(Some(writer)), Mutex::default());
        Self(Arc::new(Shared { writer, queue }))
    }

    /// Writes a line, and returns after it was written.
    ///
    /// # Errors
    /// Returns an error if the output is closed.
    pub(super) async fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut writer = self.0.writer.lock().await;
        let writer = writer.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        writer.write_all(line).await?;
        writer.flush().await
    }

    /// Adds a line to the queue. Returns whether the caller has to call [`write_queue`](Self::write_queue), because no other task does.
    pub(super) fn queue(&self, line: Vec<u8>) -> bool {
        let mut queue = self.lock();
        if queue.lines.is_empty() {
            queue.lines = line;
        } else {
            queue.lines.extend_from_slice(&line);
        }
        !std::mem::replace(&mut queue.is_taken, true)
    }

    /// Writes the queue until it is empty.
    ///
    /// # Errors
    /// Returns an error if the output is closed.
    pub(super) async fn write_queue(&self) -> io::Result<()> {
        while let Some(lines) = self.take() {
            if let Err(error) = self.write(&lines).await {
                // Later lines cannot be written either, so the queue must not grow.
                *self.lock() = Queue::default();
                return Err(error);
            }
        }
        Ok(())
    }

    /// Returns the queued lines. Returns `None` if there are none. Then the next task that queues a line has to write it.
    fn take(&self) -> Option<Vec<u8>> {
        let mut queue = self.lock();
        let lines = std::mem::take(&mut queue.lines);
        queue.is_taken = !lines.is_empty();
        queue.is_taken.then_some(lines)
    }

    /// Closes the output. Later writes fail.
    pub(super) async fn close(&self) {
        drop(self.0.writer.lock().await.take());
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::LineOutput;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn lines_that_are_queued_together_are_written_together() {
        let (mut client, server) = tokio::io::duplex(1 << 10);
        let output = LineOutput::new(server);
        assert!(output.queue(b"a\n".to_vec()) && !output.queue(b"b\n".to_vec()));
        output.write_queue().await.unwrap();
        let mut read = [0; 16];
        assert_eq!(client.read(&mut read).await.unwrap(), 4);
        assert_eq!(&read[..4], b"a\nb\n");
        // The queue is empty, so the next line needs a task again.
        assert!(output.queue(b"c\n".to_vec()));
        output.close().await;
        assert!(output.write_queue().await.is_err() && output.write(b"d\n").await.is_err());
        assert!(output.queue(b"e\n".to_vec()), "a line after a failed write is tried again");
    }
}
