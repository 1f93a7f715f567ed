//! A server on the loopback interface that records requests and sends predefined answers.
//!
//! The server parses HTTP/1.1 itself, because tests check the exact bytes. A library would normalise the target, refuse unusual
//! targets, and change the case of header names.

mod answer;
mod log;
mod recorded;
mod wire;

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::tls::{Certified, Clients};

use answer::After;
pub use answer::Answer;
pub use recorded::Recorded;
use wire::ReadError;

/// The maximum number of recorded requests. Older requests are dropped, so that a long load test does not fill the memory.
const MOST_RECORDED: usize = 10_000;
/// The maximum number of connections that are served at once. Further connections wait in the listener's queue.
const MOST_CONNECTIONS: usize = 256;
/// The time after which an idle connection is closed.
const IDLE: Duration = Duration::from_secs(60);

/// A recording HTTP/1.1 server on 127.0.0.1, plain or with TLS. It stops when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    is_encrypted: bool,
    log: Arc<Log>,
    accepting: JoinHandle<()>,
}

impl Upstream {
    /// Starts a server on a free port. `responder` is called for each request after the request was recorded.
    ///
    /// # Errors
    /// Returns an error if no port can be bound.
    pub async fn start<R>(responder: R) -> io::Result<Self>
    where
        R: Fn(&Recorded) -> Answer + Send + Sync + 'static,
    {
        Self::listen(None, Arc::new(responder)).await
    }

    /// Starts a TLS server with the given certificate.
    ///
    /// # Errors
    /// Returns an error if no port can be bound or the certificate is invalid.
    pub async fn start_tls<R>(certified: &Certified, clients: Clients<'_>, responder: R) -> io::Result<Self>
    where
        R: Fn(&Recorded) -> Answer + Send + Sync + 'static,
    {
        let config = certified.server(clients)?;
        Self::listen(Some(TlsAcceptor::from(Arc::new(config))), Arc::new(responder)).await
    }

    async fn listen(tls: Option<TlsAcceptor>, responder: Arc<Responder>) -> io::Result<Self> {
        log::start();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let log = Arc::new(Log::default());
        let is_encrypted = tls.is_some();
        let accepting = tokio::spawn(accept(listener, tls, Arc::clone(&log), responder));
        Ok(Self { address, is_encrypted, log, accepting })
    }

    /// Starts a server that gives every request the same answer.
    ///
    /// # Errors
    /// Returns an error if no port can be bound.
    pub async fn answering(answer: Answer) -> io::Result<Self> {
        Self::start(move |_| answer.clone()).await
    }

    /// Returns `http://127.0.0.1:PORT`, without a trailing slash.
    pub fn base_url(&self) -> String {
        self.base_url_of(&self.address.ip().to_string())
    }

    /// Returns the base URL with another host name of this machine, such as `localhost`.
    pub fn base_url_of(&self, host: &str) -> String {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{host}:{}", self.address.port())
    }

    /// Returns the recorded requests in order, at most the last ten thousand.
    pub fn requests(&self) -> Vec<Recorded> {
        self.log.entries().iter().cloned().collect()
    }

    /// Removes and returns the recorded requests.
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.log.entries()).into()
    }

    /// Returns the last request.
    pub fn last(&self) -> Option<Recorded> {
        self.log.entries().back().cloned()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        // The task owns the listener and the connections, so aborting the task closes all of them.
        self.accepting.abort();
    }
}

type Responder = dyn Fn(&Recorded) -> Answer + Send + Sync;

#[derive(Debug, Default)]
struct Log(Mutex<VecDeque<Recorded>>);

impl Log {
    fn entries(&self) -> MutexGuard<'_, VecDeque<Recorded>> {
        // A poisoned lock is still usable, because the entries are complete even if a test panicked.
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

async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, log: Arc<Log>, responder: Arc<Responder>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < MOST_CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => {
                        let (log, responder) = (Arc::clone(&log), Arc::clone(&responder));
                        connections.spawn(welcome(stream, tls.clone(), log, responder));
                    }
                    // The cause may be too many open files. The pause prevents a busy loop.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

/// Performs the TLS handshake if TLS is on, and serves the connection. A refused client gets a failed handshake.
async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, log: Arc<Log>, responder: Arc<Responder>) {
    // Nagle's algorithm would delay answers, which are sent in one write.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        let (reader, writer) = stream.into_split();
        // With zero linger, the system resets the connection instead of closing it.
        let reset = |writer: &OwnedWriteHalf| drop(writer.as_ref().set_zero_linger());
        return converse(reader, writer, reset, None, log, responder).await;
    };
    if let Ok(Ok(stream)) = tokio::time::timeout(IDLE, tls.accept(stream)).await {
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let shown = shown.map(|certificate| certificate.to_vec());
        let (reader, writer) = tokio::io::split(stream);
        converse(reader, writer, |_| (), shown, log, responder).await;
    }
}

/// Serves a connection until either side closes it. Errors are ignored, because the client notices them.
async fn converse<R: AsyncRead + Unpin, W: AsyncWrite + Unpin>(
    reader: R,
    mut writer: W,
    reset: impl Fn(&W),
    certificate: Option<Vec<u8>>,
    log: Arc<Log>,
    responder: Arc<Responder>,
) {
    let mut reader = BufReader::new(reader);
    while let Ok(read) = tokio::time::timeout(IDLE, wire::read(&mut reader, &mut writer)).await {
        match read {
            Ok(Some(mut request)) => {
                request.certificate.clone_from(&certificate);
                log.add(request.clone());
                let answer = responder(&request);
                match answer.write(&request, &mut writer).await {
                    Ok(After::Reuse) if request.keeps_alive() => {}
                    Ok(After::Reset) => return reset(&writer),
                    _ => return,
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
