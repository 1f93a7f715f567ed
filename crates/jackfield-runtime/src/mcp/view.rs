//! The service as clients see it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{Implementation, MetaObject, Tool};

use super::content_lists::ContentCache;
use super::list_pages::ListPages;
use super::result_meta::server_meta;
use super::tools::describe;
use crate::common::caller::Caller;
use crate::engine::service::Service;

/// The maximum number of cached versions of the tool list. Callers with the same permissions share a version.
const MAX_VERSIONS: usize = 16;

/// The pages of a list.
pub(super) type Pages = Arc<ListPages>;

/// The JSON array of the tools of a page.
pub(super) struct PageText {
    pub(super) pages: Pages,
    pub(super) at: usize,
}

impl PageText {
    pub(super) fn as_str(&self) -> &str {
        self.pages.get(self.at).unwrap_or("[]")
    }
}

/// A service as clients see it, with prepared texts for clients.
pub(super) struct View {
    pub(super) service: Arc<Service>,
    /// The pages of each version of the tool list. They are built at the first `tools/list`, so a client that only
    /// calls tools does not wait for them.
    pages: Mutex<Vec<(u64, Pages)>>,
    /// The lists of resources and prompts.
    pub(super) contents: ContentCache,
    /// The tools that were called over HTTP. The SDK requests the schema of a tool at each call over HTTP.
    pub(super) called: Mutex<HashMap<String, Tool>>,
    /// The metadata of each result.
    pub(super) meta: MetaObject,
}

impl View {
    pub(super) fn of(service: Arc<Service>) -> Arc<Self> {
        let meta = server_meta(&identity(&service));
        let (pages, contents, called) = Default::default();
        Arc::new(Self { service, pages, contents, called, meta })
    }

    /// Returns the version and the pages of a caller's tool list.
    pub(super) fn pages(&self, caller: &Caller) -> (u64, Pages) {
        let version = self.service.list_version(caller);
        let mut known = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pages)) = known.iter().find(|(kept, _)| *kept == version) {
            return (version, Arc::clone(pages));
        }
        let pages = Arc::new(ListPages::of(self.service.list(caller).map(describe)));
        if known.len() == MAX_VERSIONS {
            known.remove(0);
        }
        known.push((version, Arc::clone(&pages)));
        (version, pages)
    }
}

/// Returns the name, version and title with which the server identifies itself.
pub(super) fn identity(service: &Service) -> Implementation {
    let connector = service.connector();
    let identity = Implementation::new(format!("{}-mcp", connector.name), env!("CARGO_PKG_VERSION"));
    match connector.title {
        "" => identity,
        title => identity.with_title(title),
    }
}
