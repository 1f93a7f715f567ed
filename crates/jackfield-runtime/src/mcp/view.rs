//! The service as clients see it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{Implementation, MetaObject, Tool};

use super::content_lists::ContentCache;
use super::list_pages::{ListPages, PagedList};
use super::result_meta::server_meta;
use super::shared_texts::SharedTexts;
use super::tools::ToolText;
use crate::common::caller::Caller;
#[cfg(feature = "http")]
use crate::common::caller::Channel;
use crate::engine::service::Service;
use crate::engine::service::list_sections::ListSection;

/// The maximum number of cached versions of the tool list, and of their bytes. Callers with the same permissions share a version.
const MAX_VERSIONS: usize = 64;
const MAX_BYTES: usize = 4 << 20;

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
    /// The tools that all callers share.
    texts: SharedTexts,
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
        let (pages, texts, contents, called) = Default::default();
        Arc::new(Self { service, pages, texts, contents, called, meta })
    }

    /// Prints the tools that all callers share, so that the first list does not wait for them.
    #[cfg(feature = "http")]
    pub(super) fn warm(&self) {
        let caller = Caller::local(Channel::CommandLine);
        for section in self.service.list_sections(&caller).into_iter().flatten() {
            if let ListSection::Shared(number, source) = section {
                self.texts.get(number, source);
            }
        }
    }

    /// Returns the version and the pages of a caller's tool list.
    pub(super) fn pages(&self, caller: &Caller) -> (u64, Pages) {
        let version = self.service.list_version(caller);
        let mut known = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, pages)) = known.iter().find(|(kept, _)| *kept == version) {
            return (version, Arc::clone(pages));
        }
        let pages = Arc::new(self.print(caller));
        // The caller may have received separate definitions meanwhile, which must not be cached for other callers.
        if self.service.list_version(caller) != version {
            return (version, pages);
        }
        let mut bytes = pages.bytes() + known.iter().map(|(_, pages)| pages.bytes()).sum::<usize>();
        while !known.is_empty() && (known.len() >= MAX_VERSIONS || bytes > MAX_BYTES) {
            bytes -= known.remove(0).1.bytes();
        }
        known.push((version, Arc::clone(&pages)));
        (version, pages)
    }

    /// Prints a caller's list.
    fn print(&self, caller: &Caller) -> ListPages {
        let mut list = PagedList::new(&self.service);
        let Some(sections) = self.service.list_sections(caller) else {
            self.service.list(caller).filter_map(ToolText::of).for_each(|tool| list.add(&tool));
            return list.finish();
        };
        let mut decisions = self.service.list_decisions(caller);
        for section in sections {
            match section {
                ListSection::Decided(tools) => {
                    let first = tools.filter(|tool| decisions.is_first(&tool.name));
                    first.filter_map(ToolText::of).for_each(|tool| list.add(&tool));
                }
                ListSection::Shared(number, source) => {
                    let texts = self.texts.get(number, source);
                    let seen = texts.iter().filter(|tool| decisions.take(&tool.name, tool.effect));
                    seen.for_each(|tool| list.add(tool));
                }
            }
        }
        list.finish()
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
