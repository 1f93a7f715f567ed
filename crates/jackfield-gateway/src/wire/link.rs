//! The transport of messages to a server, with the requests that wait for responses.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::child::ChildLink;
use super::exchange::Exchange;
use super::http::HttpLink;
use super::link_fault::{GRACE, LinkFault};

/// The maximum number of concurrent HTTP requests for messages that are sent in the background.
const MOST_POSTS: usize = 8;

/// The timeout for sending the response to a server's request.
const SLOW: Duration = Duration::from_secs(15);

/// The transport of messages to a server.
pub(super) enum Link {
    Child(ChildLink),
    Http(Box<HttpLink>),
}

/// A link with the requests that wait for their responses.
pub(super) struct Wire {
    pub(super) exchange: Arc<Exchange>,
    pub(super) link: Link,
    posts: Arc<Semaphore>,
}

impl Wire {
    pub(super) fn of(exchange: Arc<Exchange>, link: Link) -> Arc<Self> {
        let wire = Arc::new(Self { exchange, link, posts: Arc::new(Semaphore::new(MOST_POSTS)) });
        let weak = Arc::downgrade(&wire);
        wire.exchange.reply_with(Arc::new(move |message| {
            if let Some(wire) = weak.upgrade() {
                wire.send_soon(message);
            }
        }));
        wire
    }

    /// Sends a message. `id` is the JSON-RPC id if the message is a request; the exchange then receives its response. `mirrored` contains
    /// headers that repeat parameters.
    pub(super) async fn send(
        &self,
        message: Value,
        id: Option<u64>,
        mirrored: HeaderMap,
    ) -> Result<(), LinkFault> {
        match &self.link {
            Link::Child(child) => child.send(&message).await,
            Link::Http(http) => http.send(&message, id, &self.exchange, mirrored).await,
        }
    }

    /// Sends a message without waiting. The message may be dropped if the server does not accept messages.
    pub(super) fn send_now(self: &Arc<Self>, message: Value) {
        if let Link::Child(child) = &self.link {
            child.send_now(&message);
            return;
        }
        // Each permit is held until the server responds, so a slow server occupies at most `MOST_POSTS` connections.
        let permit = Arc::clone(&self.posts).try_acquire_owned();
        if let (Ok(runtime), Ok(permit)) = (tokio::runtime::Handle::try_current(), permit) {
            let wire = Arc::clone(self);
            runtime.spawn(async move {
                let _ = timeout(GRACE, wire.send(message, None, HeaderMap::new())).await;
                drop(permit);
            });
        }
    }

    /// Sends a message in a task, which waits up to `SLOW` for the server.
    pub(super) fn send_soon(self: &Arc<Self>, message: Value) {
        let wire = Arc::clone(self);
        tokio::spawn(async move {
            let sent = timeout(SLOW, wire.send(message, None, HeaderMap::new())).await;
            if !matches!(sent, Ok(Ok(()))) {
                tracing::debug!("an answer to a server is lost");
            }
        });
    }

    /// Whether closing the HTTP response cancels a request, so that a notification is not needed.
    pub(super) fn ends_by_stream(&self) -> bool {
        matches!(&self.link, Link::Http(http) if http.is_modern())
    }
}
