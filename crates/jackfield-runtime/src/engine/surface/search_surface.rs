//! A search over all tools of a service, and the promoted tools that are listed beside it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use super::catalog::Catalog;
use super::catalog_entry::CatalogEntry;
use super::learning::Learning;
use crate::engine::listing::Listed;
use crate::engine::search::SearchDocument;

/// The maximum number of cached catalogs. Callers that see different tools of other sources need different catalogs.
const MOST_CATALOGS: usize = 8;

/// A search over all tools of a service, and the promoted tools that are listed beside it.
#[derive(Debug)]
pub(crate) struct SearchSurface {
    /// The catalog of generated and hand-written tools.
    own: Arc<Catalog>,
    /// The service's own names of the promoted tools.
    pub(crate) promoted: Vec<String>,
    /// Catalogs that include tools of other sources, by a hash of these tools.
    with_others: Mutex<Vec<(u64, Arc<Catalog>)>>,
}

impl SearchSurface {
    pub(crate) fn new(own: Catalog, promoted: Vec<String>) -> Self {
        Self { own: Arc::new(own), promoted, with_others: Mutex::default() }
    }

    /// Returns the catalog of generated and hand-written tools.
    pub(crate) fn own(&self) -> &Arc<Catalog> {
        &self.own
    }

    /// Returns the catalog that also contains `others`, the tools of other sources. `own` returns the tools of the service itself.
    pub(crate) fn with(
        &self,
        others: &[Listed],
        own: impl FnOnce() -> Vec<(CatalogEntry, SearchDocument)>,
        learning: Option<&Learning>,
    ) -> Arc<Catalog> {
        let mut hasher = DefaultHasher::new();
        for tool in others {
            (&tool.name, &tool.title, &tool.description, tool.effect).hash(&mut hasher);
            serde_json::to_string(&tool.input).unwrap_or_default().hash(&mut hasher);
        }
        let key = hasher.finish();
        let mut kept = self.with_others.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, catalog)) = kept.iter().find(|(known, _)| *known == key) {
            return Arc::clone(catalog);
        }
        let others = others.iter().map(CatalogEntry::of_listed);
        let tools: Vec<_> = own().into_iter().chain(others).collect();
        let texts = learning.map(|_| Learning::texts(&tools));
        let catalog = Arc::new(Catalog::new(tools));
        if let Some((learning, texts)) = learning.zip(texts) {
            learning.start(&catalog, texts);
        }
        if kept.len() == MOST_CATALOGS {
            kept.remove(0);
        }
        kept.push((key, Arc::clone(&catalog)));
        catalog
    }
}
