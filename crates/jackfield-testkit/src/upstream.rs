//! A server on the loopback interface that records requests and answers as it is told.
//!
//! HTTP/1.1 is read by hand. A library would parse the target, refuse the odd ones and fold the case of header names,
//! and those are the very bytes that tests are about.

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
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::tls::{Certified, Clients};

pub use answer::Answer;
pub use recorded::Recorded;
use wire::ReadError;

/// Requests beyond this push out the oldest, so that a long load test does not fill the memory.
const MOST_RECORDED: usize = 10_000;
/// Connections beyond this wait in the listener's queue.
const MOST_CONNECTIONS: usize = 256;
/// A connection on which nothing happens for so long is closed.
const IDLE: Duration = Duration::from_secs(60);

/// A recording HTTP/1.1 server on 127.0.0.1, in the open or behind TLS. It stops when it is dropped.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    is_encrypted: bool,
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
        Self::listen(None, Arc::new(responder)).await
    }

    /// The same behind TLS, as whom the certificate says.
    ///
    /// # Errors
    /// No port could be bound, or the certificate is none.
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

    /// Starts on a free port and gives every request the same answer.
    ///
    /// # Errors
    /// No port could be bound.
    pub async fn answering(answer: Answer) -> io::Result<Self> {
        Self::start(move |_| answer.clone()).await
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        self.base_url_of(&self.address.ip().to_string())
    }

    /// The same of a host that means this machine, such as `localhost`.
    pub fn base_url_of(&self, host: &str) -> String {
        let scheme = if self.is_encrypted { "https" } else { "http" };
        format!("{scheme}://{host}:{}", self.address.port())
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
                    // Such as too many open files: a pause, so that the loop does not spin.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
        }
    }
}

/// Shakes hands, where there is TLS. Who is not let in has to notice by himself.
async fn welcome(stream: TcpStream, tls: Option<TlsAcceptor>, log: Arc<Log>, responder: Arc<Responder>) {
    // Answers go out in one write, and a delayed one must not wait for an acknowledgement on top.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else { return converse(stream, None, log, responder).await };
    if let Ok(Ok(stream)) = tokio::time::timeout(IDLE, tls.accept(stream)).await {
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let shown = shown.map(|certificate| certificate.to_vec());
        converse(stream, shown, log, responder).await;
    }
}

/// Serves one connection until either side has enough of it. What goes wrong is the peer's to notice.
async fn converse<S: AsyncRead + AsyncWrite>(
    stream: S,
    certificate: Option<Vec<u8>>,
    log: Arc<Log>,
    responder: Arc<Responder>,
) {
    let (reader, mut writer) = tokio::io::split(stream);
    let mut reader = BufReader::new(reader);
    while let Ok(read) = tokio::time::timeout(IDLE, wire::read(&mut reader, &mut writer)).await {
        match read {
            Ok(Some(mut request)) => {
                request.certificate.clone_from(&certificate);
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
