//! The version of a service and of its lists.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::Service;
use crate::common::caller::Caller;

impl Service {
    /// Sets the number of services that this service has replaced.
    #[cfg(feature = "serve")]
    pub(crate) const fn with_generation(mut self, generation: u64) -> Self {
        self.generation = generation;
        self
    }

    /// Makes pending approvals invalid, because another service replaces this service.
    #[cfg(feature = "serve")]
    pub(crate) fn retire(&self) {
        if let Some(approval) = &self.api.executor().policies().approval {
            approval.retire();
        }
    }

    /// Returns the version of a caller's lists. Callers with the same version see the same lists.
    pub fn list_version(&self, caller: &Caller) -> u64 {
        if let Some(surface) = self.surface.as_ref().filter(|surface| surface.promoted.is_empty()) {
            let has_permit = self.api.executor().policies().permit.is_some();
            // Lists of the search surface differ only in whether they contain `call_write`.
            return self.generation << 1
                | u64::from(has_permit && !self.offers_writes(&self.catalog(surface, caller), caller));
        }
        let mut hasher = DefaultHasher::new();
        self.generation.hash(&mut hasher);
        if let Some(permit) = &self.api.executor().policies().permit {
            permit.version(caller).hash(&mut hasher);
        }
        // Only the local user is told which folders are allowed.
        self.api.advice_on_files(caller).is_some().hash(&mut hasher);
        self.api.offers_saving(caller).hash(&mut hasher);
        self.sources.iter().for_each(|source| source.version_for(caller).hash(&mut hasher));
        hasher.finish()
    }

    /// Returns the version of a caller's lists of resources and prompts. The search surface does not change them.
    pub(crate) fn contents_version(&self, caller: &Caller) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.generation.hash(&mut hasher);
        if let Some(permit) = &self.api.executor().policies().permit {
            permit.version(caller).hash(&mut hasher);
        }
        self.sources.iter().for_each(|source| source.version_for(caller).hash(&mut hasher));
        hasher.finish()
    }
}
