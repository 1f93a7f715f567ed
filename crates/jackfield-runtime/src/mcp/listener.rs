//! Notifications to a client outside of its requests.

#[cfg(feature = "http")]
use bytes::Bytes;
#[cfg(feature = "http")]
use rmcp::model::{JsonRpcMessage, ServerJsonRpcMessage};
use rmcp::model::{
    PromptListChangedNotification, ResourceListChangedNotification, ResourceUpdatedNotification,
    ResourceUpdatedNotificationParam, ServerNotification, ToolListChangedNotification,
};
use rmcp::service::{Peer, RoleServer};
#[cfg(feature = "http")]
use tokio::sync::mpsc;

/// A client that receives notifications outside of its requests. Cheap to clone.
#[derive(Clone)]
pub(super) enum Listener {
    /// The client of a connection, or of a request.
    Peer(Peer<RoleServer>),
    /// The stream of a session over HTTP. The sender takes chunks of the body.
    #[cfg(feature = "http")]
    Stream(mpsc::Sender<Bytes>),
}

/// A stream over HTTP, or the peer of a connection without streams. This value does not keep the stream open.
#[derive(Debug)]
pub(super) enum OpenStream {
    Peer,
    #[cfg(feature = "http")]
    Stream(mpsc::WeakSender<Bytes>),
}

impl OpenStream {
    /// Returns the stream, unless it has ended.
    pub(super) fn listener(&self) -> Option<Listener> {
        match self {
            Self::Peer => None,
            #[cfg(feature = "http")]
            Self::Stream(stream) => stream.upgrade().map(Listener::Stream),
        }
    }
}

impl Listener {
    pub(super) fn open_stream(&self) -> OpenStream {
        match self {
            Self::Peer(_) => OpenStream::Peer,
            #[cfg(feature = "http")]
            Self::Stream(stream) => OpenStream::Stream(stream.downgrade()),
        }
    }

    /// Sends a notification. A failure is ignored, because then the client has disconnected.
    pub(super) async fn tell(&self, notification: ServerNotification) {
        match self {
            Self::Peer(peer) => {
                let _ = peer.send_notification(notification).await;
            }
            #[cfg(feature = "http")]
            Self::Stream(stream) => {
                let message: ServerJsonRpcMessage = JsonRpcMessage::notification(notification);
                let Ok(text) = serde_json::to_string(&message) else { return };
                let _ = stream.send(Bytes::from(format!("data: {text}\n\n"))).await;
            }
        }
    }

    /// Announces that the lists of the given kinds have changed.
    pub(super) async fn tell_lists(&self, has_prompts: bool, has_resources: bool) {
        let tools = ToolListChangedNotification::default();
        self.tell(ServerNotification::ToolListChangedNotification(tools)).await;
        if has_prompts {
            let prompts = PromptListChangedNotification::default();
            self.tell(ServerNotification::PromptListChangedNotification(prompts)).await;
        }
        if has_resources {
            let resources = ResourceListChangedNotification::default();
            self.tell(ServerNotification::ResourceListChangedNotification(resources)).await;
        }
    }

    /// Announces that a resource has changed.
    pub(super) async fn tell_resource(&self, uri: String) {
        let update = ResourceUpdatedNotification::new(ResourceUpdatedNotificationParam::new(uri));
        self.tell(ServerNotification::ResourceUpdatedNotification(update)).await;
    }

    /// Waits until the stream of the client has ended. For a peer, this function never returns, because the end of the connection ends the
    /// session.
    pub(super) async fn gone(&self) {
        match self {
            Self::Peer(_) => std::future::pending().await,
            #[cfg(feature = "http")]
            Self::Stream(stream) => stream.closed().await,
        }
    }
}
