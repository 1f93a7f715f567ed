//! A server on the loopback interface that records requests and answers as it is told.
//!
//! HTTP/1.1 is read by hand. A library would parse the target, refuse the odd ones and fold the case of header names,
//! and those are the very bytes that tests are about.

mod answer;
mod recorded;
mod wire;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub use answer::Answer;
pub use recorded::Recorded;
use wire::ReadError;

/// Requests beyond this push out the oldest, so that a long load test does not fill the memory.
const MOST_RECORDED: usize = 10_000;
/// Connections beyond this wait in the listener's queue.
const MOST_CONNECTIONS: usize = 256;
/// A connection on which nothing happens for so long is closed.
const IDLE: Duration = Duration::from_secs(60);

/// A recording HTTP/1.1 server on 127.0.0.1. It stops when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    log: Arc<Log>,
    accepting: JoinHandle<()>,
}

impl Upstream {
    /// Starts on a free port; `responder` is asked for the answer to each request, after it was recorded.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn start<R>(responder: R) -> io::Result<Self>
    where
        R: Fn(&Recorded) -> Answer + Send + Sync + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let log = Arc::new(Log::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&log), Arc::new(responder)));
        Ok(Self { address, log, accepting })
    }

    /// Starts on a free port and gives every request the same answer.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn answering(answer: Answer) -> io::Result<Self> {
        Self::start(move |_| answer.clone()).await
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What arrived so far, in order of arrival; of more than ten thousand the latest.
    pub fn requests(&self) -> Vec<Recorded> {
        self.log.entries().iter().cloned().collect()
    }

    /// What arrived since the last time; the record begins anew.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.log.entries()).into()
    }

    /// What arrived last.
    pub fn last(&self) -> Option<Recorded> {
        self.log.entries().back().cloned()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // The task owns the listener and the connections: all of them end with it.
        self.accepting.abort();
    }
}

type Responder = dyn Fn(&Recorded) -> Answer + Send + Sync;

#[derive(Debug, Default)]
struct Log(Mutex<VecDeque<Recorded>>);

impl Log {
    fn entries(&self) -> MutexGuard<'_, VecDeque<Recorded>> {
        // A test that panicked while it looked leaves whole entries behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, request: Recorded) {
        let mut entries = self.entries();
        if entries.len() == MOST_RECORDED {
            entries.pop_front();
        }
        entries.push_back(request);
    }
}

async fn accept(listener: TcpListener, log: Arc<Log>, responder: Arc<Responder>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(converse(stream, Arc::clone(&log), Arc::clone(&responder)));
                    }
                    // Such as too many open files: a pause, so that the loop does not spin.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

/// Serves one connection until either side has enough of it. What goes wrong is the peer's to notice.
async fn converse(stream: TcpStream, log: Arc<Log>, responder: Arc<Responder>) {
    // Answers go out in one write, and a delayed one must not wait for an acknowledgement on top.
    let _ = stream.set_nodelay(true);
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    while let Ok(read) = tokio::time::timeout(IDLE, wire::read(&mut reader, &mut writer)).await {
        match read {
            Ok(Some(request)) => {
                log.add(request.clone());
                let answer = responder(&request);
                let stays = answer.write(&request, &mut writer).await.unwrap_or(false);
                if !(stays && request.keeps_alive()) {
                    return;
                }
            }
            Err(ReadError::Refused(status, why)) => {
                let _ = Answer::text(status, why).write_last(&mut writer).await;
                return;
            }
            Ok(None) | Err(ReadError::Io) => return,
        }
    }
}

#[cfg(test)]
mod tests;
