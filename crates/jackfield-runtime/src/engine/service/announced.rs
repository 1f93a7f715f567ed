//! Messages that the sources of a service send to clients between calls.

use super::Service;
use crate::common::caller::Caller;
use crate::engine::joined::attached_name::AttachedName;
use crate::engine::log_feed::LogFeed;
use crate::engine::request::TargetKind;
use crate::engine::resource_updates::{ResourceUpdates, ResourceWatch};

impl Service {
    /// Returns the announcements of changed resources, one sender for each source that has them.
    pub(crate) fn updates(&self) -> impl Iterator<Item = &ResourceUpdates> {
        self.sources.iter().filter_map(|source| source.updates())
    }

    /// Returns the feeds of log messages between calls, one for each source that has a feed.
    pub(crate) fn logs(&self) -> impl Iterator<Item = &LogFeed> {
        self.sources.iter().filter_map(|source| source.logs())
    }

    /// Tells each source that the roots of a client have changed.
    pub(crate) fn roots_changed(&self, caller: &Caller) {
        self.sources.iter().for_each(|source| source.roots_changed(caller));
    }

    /// Watches a resource for a caller that has subscribed to it.
    pub(crate) fn watch(&self, uri: &str, caller: &Caller) -> Option<ResourceWatch> {
        self.sources.iter().find_map(|source| source.watch(uri, caller))
    }

    /// Whether a caller may use any tool, resource or prompt of an attached connector.
    pub(crate) fn lets_use(&self, caller: &Caller, name: &AttachedName) -> bool {
        let mut sources = self.sources.iter().filter(|source| source.attached_name() == Some(name));
        // A server may write many messages, and each needs this check. So only the server's own tools are listed, up to the first one that
        // the caller may see.
        sources.any(|source| self.of_source(&**source, caller).next().is_some())
            || self.resources(caller).iter().any(|it| name.own(TargetKind::Resource, &it.uri).is_some())
            || self.prompts(caller).iter().any(|it| name.own(TargetKind::Prompt, &it.name).is_some())
    }
}
