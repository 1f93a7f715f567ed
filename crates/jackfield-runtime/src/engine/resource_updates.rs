//! Announcements of changed resources.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::joined::attached_name::AttachedName;
use super::request::TargetKind;

/// The maximum number of announcements that a slow session may lag behind. A session that lags further behind loses the oldest
/// announcements.
const KEPT: usize = 256;

/// Watches a resource of another server until the last clone is dropped.
pub type ResourceWatch = Arc<dyn Any + Send + Sync>;

/// Announces changed resources to the clients that subscribed to them. Clones announce to the same clients.
#[derive(Clone)]
pub struct ResourceUpdates {
    sender: broadcast::Sender<String>,
    /// The name under which the connector of the resources is attached.
    name: Option<AttachedName>,
}

/// Receives the URIs of changed resources, as clients know them.
pub(crate) struct UpdatedResources {
    receiver: broadcast::Receiver<String>,
    name: Option<AttachedName>,
}

impl ResourceUpdates {
    /// Creates a sender of announcements. It has no listeners yet.
    pub fn new() -> Self {
        Self { sender: broadcast::channel(KEPT).0, name: None }
    }

    /// Announces that the resource with this URI has changed.
    pub fn announce(&self, uri: impl Into<String>) {
        // An error only means that no client listens.
        let _ = self.sender.send(uri.into());
    }

    /// Returns a sender of the same announcements. Its listeners get the URIs that clients see if the connector is attached as `name`.
    pub(crate) fn attached_as(&self, name: &AttachedName) -> Self {
        Self { sender: self.sender.clone(), name: Some(name.clone()) }
    }

    pub(crate) fn listen(&self) -> UpdatedResources {
        UpdatedResources { receiver: self.sender.subscribe(), name: self.name.clone() }
    }
}

impl UpdatedResources {
    pub(crate) async fn recv(&mut self) -> Result<String, RecvError> {
        let uri = self.receiver.recv().await?;
        Ok(match &self.name {
            Some(name) => name.shown(TargetKind::Resource, &uri),
            None => uri,
        })
    }
}

impl Default for ResourceUpdates {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for ResourceUpdates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResourceUpdates({} listeners)", self.sender.receiver_count())
    }
}
