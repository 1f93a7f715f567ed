//! A connection to a server. Its requests may be answered in any order.

use std::sync::Arc;

use ::http::HeaderMap;
use jackfield_runtime::{Principal, Secret};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};

use super::announced::Announced;
use super::child;
use super::exchange::Exchange;
use super::flight::{Flight, Outgoing};
use super::http::{self, HttpSettings};
use super::link::{Link, Wire};
use super::link_fault::LinkFault;
use crate::config::ChildCommand;

/// A connection to a server.
pub(crate) struct Connection {
    wire: Arc<Wire>,
    /// The task that reads the notification stream of an HTTP server.
    listening: OnceCell<AbortHandle>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.get() {
            listening.abort();
        }
    }
}

impl Connection {
    /// Starts a child process with `secrets` as environment variables, and connects to its standard streams.
    ///
    /// # Errors
    /// Returns an error if the program does not exist or cannot be started.
    pub(crate) fn start(
        command: &ChildCommand,
        secrets: &[(String, Secret)],
        announced: Arc<dyn Announced>,
    ) -> Result<Self, LinkFault> {
        let exchange = Arc::new(Exchange::heard_by(announced));
        let link = Link::Child(child::start(command, secrets, &exchange)?);
        Ok(Self::of(exchange, link))
    }

    /// Prepares a connection over HTTP without sending a request. It uses the account of `owner`, or the gateway's account if `owner` is
    /// `None`.
    ///
    /// # Errors
    /// Returns an error if the URL or the token cannot be used.
    pub(crate) fn open(
        settings: &HttpSettings<'_>,
        owner: Option<&Principal>,
        announced: Arc<dyn Announced>,
    ) -> Result<Self, LinkFault> {
        let link = Link::Http(Box::new(http::open(settings, owner)?));
        Ok(Self::of(Arc::new(Exchange::heard_by(announced)), link))
    }

    /// Checks the URL and the token of a server without sending a request.
    ///
    /// # Errors
    /// Returns an error if the URL or the token cannot be used.
    pub(crate) fn check(settings: &HttpSettings<'_>) -> Result<(), LinkFault> {
        http::open(settings, None).map(drop)
    }

    fn of(exchange: Arc<Exchange>, link: Link) -> Self {
        Self { wire: Wire::of(exchange, link), listening: OnceCell::new() }
    }

    /// Creates a request, which is sent while the returned value is awaited.
    ///
    /// # Errors
    /// Returns an error if the connection is closed.
    pub(crate) fn begin(&self, outgoing: Outgoing) -> Result<Flight, LinkFault> {
        Flight::begin(&self.wire, outgoing)
    }

    /// Sends a request of the gateway itself, and waits for the response until the deadline.
    ///
    /// # Errors
    /// Returns an error if there is no answer, or if the answer is an error.
    pub(crate) async fn request(
        &self,
        method: &str,
        params: Map<String, Value>,
        deadline: Instant,
    ) -> Result<Value, LinkFault> {
        let method = method.to_owned();
        self.answered(Outgoing { method, params, ..Outgoing::default() }, deadline).await
    }

    /// Asks the server for its protocol revisions and capabilities, and waits for the response until the deadline.
    ///
    /// # Errors
    /// Returns an error if there is no answer, or if the answer is an error.
    pub(crate) async fn probe(
        &self,
        params: Map<String, Value>,
        deadline: Instant,
    ) -> Result<Value, LinkFault> {
        let method = "server/discover".to_owned();
        self.answered(Outgoing { method, params, is_probe: true, ..Outgoing::default() }, deadline).await
    }

    async fn answered(&self, outgoing: Outgoing, deadline: Instant) -> Result<Value, LinkFault> {
        let began = Instant::now();
        let mut flight = self.begin(outgoing)?;
        let answered = timeout_at(deadline, flight.answered()).await;
        answered.unwrap_or_else(|_| Err(LinkFault::Late(deadline.saturating_duration_since(began))))
    }

    /// Sends a notification.
    ///
    /// # Errors
    /// Returns an error if the notification cannot be sent by the deadline.
    pub(crate) async fn notify(&self, method: &str, deadline: Instant) -> Result<(), LinkFault> {
        let began = Instant::now();
        let message = json!({ "jsonrpc": "2.0", "method": method });
        let sent = timeout_at(deadline, self.wire.send(message, None, HeaderMap::new())).await;
        sent.unwrap_or_else(|_| Err(LinkFault::Late(deadline.saturating_duration_since(began))))
    }

    /// Sets the negotiated protocol revision. An empty string removes it.
    pub(crate) fn agree_on(&self, revision: &str) {
        if let Link::Http(http) = &self.wire.link {
            http.agree_on(revision);
        }
    }

    /// Starts to read the notification stream of an HTTP server, if it has opened a session.
    pub(crate) fn listen(&self) {
        let Link::Http(http) = &self.wire.link else { return };
        if http.has_session() && !self.listening.initialized() {
            let wire = Arc::clone(&self.wire);
            let listening = tokio::spawn(async move {
                if let Link::Http(http) = &wire.link {
                    http.listen(&wire.exchange).await;
                }
            });
            let _ = self.listening.set(listening.abort_handle());
        }
    }

    /// Whether the connection has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.wire.exchange.is_closed()
    }

    /// Whether the server has sent a `list_changed` notification since the last call of this function.
    pub(crate) fn take_lists_changed(&self) -> bool {
        self.wire.exchange.take_lists_changed()
    }

    /// Returns the id of the child's process and of its group. `None` for an HTTP server.
    pub(crate) fn process_id(&self) -> Option<u32> {
        match &self.wire.link {
            Link::Child(child) => child.id(),
            Link::Http(_) => None,
        }
    }

    /// Returns the last output of a child on stderr. It is empty for an HTTP server.
    pub(crate) fn last_words(&self) -> String {
        match &self.wire.link {
            Link::Child(child) => child.last_words(),
            Link::Http(_) => String::new(),
        }
    }

    /// Ends the connection. A child that does not exit by itself is killed after a short wait.
    pub(crate) async fn close(&self) {
        if let Some(listening) = self.listening.get() {
            listening.abort();
        }
        match &self.wire.link {
            Link::Child(child) => child.close().await,
            Link::Http(http) => http.close().await,
        }
        self.wire.exchange.close(LinkFault::Ended("the connection was closed".to_owned()));
    }
}
