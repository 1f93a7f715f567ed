//! The transport of messages to a server, with the requests that wait for its answers.

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

/// The maximum number of messages without a waiting caller that are sent to a server at once.
const MOST_POSTS: usize = 8;

/// How long a server may take to accept an answer.
const SLOW: Duration = Duration::from_secs(15);

/// How messages reach a server.
pub(super) enum Link {
    Child(ChildLink),
    Http(Box<HttpLink>),
}

/// A link with the requests that wait for their answers.
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

    /// Sends a message. `id` is that of a request, whose answer the exchange gets, and `mirrored` its parameters as headers.
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

    /// Sends a message that may be lost: a server that does not take messages gets none.
    pub(super) fn send_now(self: &Arc<Self>, message: Value) {
        if let Link::Child(child) = &self.link {
            child.send_now(&message);
            return;
        }
        // Messages that are not answered use up the permits, so they hold a few connections at most.
        let permit = Arc::clone(&self.posts).try_acquire_owned();
        if let (Ok(runtime), Ok(permit)) = (tokio::runtime::Handle::try_current(), permit) {
            let wire = Arc::clone(self);
            runtime.spawn(async move {
                let _ = timeout(GRACE, wire.send(message, None, HeaderMap::new())).await;
                drop(permit);
            });
        }
    }

    /// Sends a message in a task, which waits for a server that is slow.
    pub(super) fn send_soon(self: &Arc<Self>, message: Value) {
        let wire = Arc::clone(self);
        tokio::spawn(async move {
            let sent = timeout(SLOW, wire.send(message, None, HeaderMap::new())).await;
            if !matches!(sent, Ok(Ok(()))) {
                tracing::debug!("an answer to a server is lost");
            }
        });
    }

    /// Whether a server learns from the end of a reply's stream that its request is cancelled.
    pub(super) fn ends_by_stream(&self) -> bool {
        matches!(&self.link, Link::Http(http) if http.is_modern())
    }
}
