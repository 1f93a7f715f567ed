//! The service of a server, which can be replaced while clients use it.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::service::Service;

/// The service of a server. A call keeps the service with which it began, even if the service is replaced
/// meanwhile. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CurrentService(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    service: RwLock<Arc<Service>>,
    /// The number of replacements. `None` if the service cannot be replaced.
    replaced: Option<watch::Sender<u64>>,
    #[cfg_attr(
        not(feature = "http"),
        allow(dead_code, reason = "only a server over HTTP ends itself at signals")
    )]
    takes_hangup: bool,
}

impl From<Service> for CurrentService {
    /// Creates a service that is never replaced.
    fn from(service: Service) -> Self {
        Self::of(service, None, false)
    }
}

impl CurrentService {
    fn of(service: Service, replaced: Option<watch::Sender<u64>>, takes_hangup: bool) -> Self {
        Self(Arc::new(Shared { service: RwLock::new(Arc::new(service)), replaced, takes_hangup }))
    }

    /// Creates a service that can be replaced. Clients are told when its lists change. `takes_hangup` says whether the signal SIGHUP
    /// replaces the service instead of ending the server.
    #[cfg(feature = "serve")]
    pub(crate) fn replaceable(service: Service, takes_hangup: bool) -> Self {
        Self::of(service, Some(watch::Sender::new(0)), takes_hangup)
    }

    /// Returns the service for a call that begins now.
    pub(crate) fn get(&self) -> Arc<Service> {
        Arc::clone(&self.0.service.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the service can be replaced.
    pub(crate) fn is_replaceable(&self) -> bool {
        self.0.replaced.is_some()
    }

    /// Whether SIGHUP replaces the service.
    #[cfg(feature = "http")]
    pub(crate) fn takes_hangup(&self) -> bool {
        self.0.takes_hangup
    }

    /// Returns a receiver of the number of replacements, or `None` if the service cannot be replaced.
    pub(crate) fn replacements(&self) -> Option<watch::Receiver<u64>> {
        self.0.replaced.as_ref().map(watch::Sender::subscribe)
    }

    /// Replaces the service. Pending approvals of the previous service become invalid.
    #[cfg(feature = "serve")]
    pub(crate) fn replace(&self, service: Service) {
        let Some(replaced) = &self.0.replaced else { return };
        let number = replaced.borrow().wrapping_add(1);
        let earlier = {
            let mut current = self.0.service.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *current, Arc::new(service.with_generation(number)))
        };
        earlier.retire();
        replaced.send_replace(number);
    }
}
