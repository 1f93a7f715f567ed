//! A connection to a server, over which requests are sent and answered in any order.

use std::sync::Arc;

use jackfield_runtime::{Environment, Progress};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

use super::child::{self, ChildLink};
use super::exchange::Exchange;
use super::http::{self, HttpLink};
use super::link_fault::{GRACE, LinkFault};
use crate::config::{ChildCommand, HttpUpstream};

/// The cancellations that may be on their way to a server at once.
const MOST_CANCELS: usize = 8;

/// How messages reach a server.
enum Link {
    Child(ChildLink),
    Http(Box<HttpLink>),
}

/// A connection to a server.
pub(crate) struct Connection {
    exchange: Arc<Exchange>,
    link: Arc<Link>,
    cancels: Arc<Semaphore>,
}

/// Tells the server that a request is cancelled, if it is dropped before its answer.
struct Waiting<'c> {
    connection: &'c Connection,
    id: u64,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        // `initialize` must not be cancelled, and it is the first request.
        if !self.connection.exchange.forget(self.id) || self.id == 1 || self.connection.is_closed() {
            return;
        }
        let notice = json!({
            "jsonrpc": "2.0",
            "method": "notifications/cancelled",
            "params": { "requestId": self.id, "reason": "the caller stopped waiting" },
        });
        let Connection { exchange, link, cancels } = self.connection;
        if let Link::Child(child) = &**link {
            child.send_now(&notice);
            return;
        }
        // Cancellations that are not answered use up the permits, so they hold a few connections at most.
        let permit = Arc::clone(cancels).try_acquire_owned();
        if let (Ok(runtime), Ok(permit)) = (tokio::runtime::Handle::try_current(), permit) {
            let (link, exchange) = (Arc::clone(link), Arc::clone(exchange));
            runtime.spawn(async move {
                let _ = timeout(GRACE, link.send(notice, None, &exchange)).await;
                drop(permit);
            });
        }
    }
}

impl Link {
    /// Sends a message. `id` is that of a request, whose answer the exchange gets.
    async fn send(&self, message: Value, id: Option<u64>, exchange: &Exchange) -> Result<(), LinkFault> {
        match self {
            Self::Child(child) => child.send(&message).await,
            Self::Http(http) => http.send(&message, id, exchange).await,
        }
    }
}

impl Connection {
    /// Starts a child.
    ///
    /// # Errors
    /// Returns an error if its program does not exist, or cannot be started.
    pub(crate) fn start(command: &ChildCommand) -> Result<Self, LinkFault> {
        let exchange = Arc::new(Exchange::default());
        let link = Link::Child(child::start(command, &exchange)?);
        Ok(Self::of(exchange, link))
    }

    /// Opens a session over HTTP, without sending anything yet. `name` is that of the connector.
    ///
    /// # Errors
    /// Returns an error if the address or its token cannot be used.
    pub(crate) fn open(
        name: &str,
        upstream: &HttpUpstream,
        environment: &Environment,
    ) -> Result<Self, LinkFault> {
        let link = Link::Http(Box::new(http::open(name, upstream, environment)?));
        Ok(Self::of(Arc::default(), link))
    }

    fn of(exchange: Arc<Exchange>, link: Link) -> Self {
        Self { exchange, link: Arc::new(link), cancels: Arc::new(Semaphore::new(MOST_CANCELS)) }
    }

    /// Sends a request, and waits for its answer until the deadline.
    ///
    /// # Errors
    /// Returns an error if there is no answer, or if the answer is an error.
    pub(crate) async fn request(
        &self,
        method: &str,
        mut params: Map<String, Value>,
        progress: Option<&Progress>,
        deadline: Instant,
    ) -> Result<Value, LinkFault> {
        let began = Instant::now();
        let progress = progress.filter(|progress| progress.is_heard());
        let (id, answer) = self.exchange.begin(progress.cloned())?;
        let _waiting = Waiting { connection: self, id };
        if progress.is_some() {
            let meta = params.entry("_meta").or_insert_with(|| json!({}));
            meta["progressToken"] = id.into();
        }
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let exchange = async {
            let sent = self.link.send(message, Some(id), &self.exchange);
            tokio::pin!(sent, answer);
            tokio::select! {
                biased;
                answer = &mut answer => return answer,
                sent = &mut sent => {
                    if let Err(fault) = sent {
                        self.exchange.fail(id, fault);
                    }
                }
            }
            answer.await
        };
        match timeout_at(deadline, exchange).await {
            Err(_) => Err(LinkFault::Late(deadline - began)),
            Ok(Ok(Ok(answer))) => answer.map_err(LinkFault::Answered),
            Ok(Ok(Err(fault))) => Err(fault),
            Ok(Err(_)) => Err(LinkFault::Ended("the connection ended".to_owned())),
        }
    }

    /// Sends a notification.
    ///
    /// # Errors
    /// Returns an error if it cannot be sent.
    pub(crate) async fn notify(&self, method: &str, deadline: Instant) -> Result<(), LinkFault> {
        let began = Instant::now();
        let message = json!({ "jsonrpc": "2.0", "method": method });
        let sent = timeout_at(deadline, self.link.send(message, None, &self.exchange)).await;
        sent.unwrap_or(Err(LinkFault::Late(deadline - began)))
    }

    /// Sets the revision that both sides have agreed on.
    pub(crate) fn agree_on(&self, revision: &str) {
        if let Link::Http(http) = &*self.link {
            http.agree_on(revision);
        }
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.exchange.is_closed()
    }

    /// Whether the server has announced changed lists since the last call of this function.
    pub(crate) fn take_lists_changed(&self) -> bool {
        self.exchange.take_lists_changed()
    }

    /// The last lines that a child wrote to its stderr.
    pub(crate) fn last_words(&self) -> String {
        match &*self.link {
            Link::Child(child) => child.last_words(),
            Link::Http(_) => String::new(),
        }
    }

    /// Ends the connection. A child gets a moment to end by itself.
    pub(crate) async fn close(&self) {
        match &*self.link {
            Link::Child(child) => child.close().await,
            Link::Http(http) => http.close().await,
        }
        self.exchange.close(LinkFault::Ended("the connection was closed".to_owned()));
    }
}
