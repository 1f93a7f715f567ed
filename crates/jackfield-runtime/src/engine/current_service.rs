//! The service of a server, which can be replaced while clients use it.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use super::service::Service;

/// The service of a server. Calls that run when it is replaced keep the service with which they began. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CurrentService(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    service: RwLock<Arc<Service>>,
    /// The number of replacements, if there can be any.
    replaced: Option<watch::Sender<u64>>,
    #[cfg_attr(
        not(feature = "http"),
        allow(dead_code, reason = "only a server over HTTP ends itself at signals")
    )]
    takes_hangup: bool,
}

impl From<Service> for CurrentService {
    /// A service that stays.
    fn from(service: Service) -> Self {
        Self::of(service, None, false)
    }
}

impl CurrentService {
    fn of(service: Service, replaced: Option<watch::Sender<u64>>, takes_hangup: bool) -> Self {
        Self(Arc::new(Shared { service: RwLock::new(Arc::new(service)), replaced, takes_hangup }))
    }

    /// A service that can be replaced, so that clients are told that its lists change. `takes_hangup` says whether the signal
    /// SIGHUP replaces it instead of ending the server.
    #[cfg(feature = "serve")]
    pub(crate) fn replaceable(service: Service, takes_hangup: bool) -> Self {
        Self::of(service, Some(watch::Sender::new(0)), takes_hangup)
    }

    /// The service for a call that begins now.
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

    /// Receives a number at each replacement.
    pub(crate) fn replacements(&self) -> Option<watch::Receiver<u64>> {
        self.0.replaced.as_ref().map(watch::Sender::subscribe)
    }

    /// Replaces the service. Approvals that calls of the earlier one still wait for are void.
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
