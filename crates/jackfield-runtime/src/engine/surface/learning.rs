//! Ranks tools by meaning as soon as the vectors of the tools have been computed.

use std::sync::Arc;
#[cfg(feature = "encoder")]
use std::sync::{Mutex, PoisonError};
#[cfg(feature = "encoder")]
use std::thread::JoinHandle;

use super::catalog::Catalog;
#[cfg(feature = "encoder")]
use crate::engine::search::{Encoder, SearchDocument, SearchIndex};

/// Computes the vectors of catalogs on separate threads, one catalog at a time.
#[cfg(feature = "encoder")]
#[derive(Debug)]
pub(crate) struct Learning {
    encoder: Arc<Encoder>,
    turn: Arc<Mutex<()>>,
}

/// Without the feature `encoder`, a connector cannot create a value of this type.
#[cfg(not(feature = "encoder"))]
#[derive(Debug)]
pub(crate) enum Learning {}

#[cfg(feature = "encoder")]
impl Learning {
    pub(crate) fn new(encoder: Arc<Encoder>) -> Self {
        Self { encoder, turn: Arc::default() }
    }

    /// Returns the texts of the tools that are encoded.
    pub(crate) fn texts<T>(tools: &[(T, SearchDocument)]) -> Vec<String> {
        tools.iter().flat_map(|(_, document)| SearchIndex::texts(std::slice::from_ref(document))).collect()
    }

    /// Starts a thread that computes the vectors of the catalog. Until they are complete, the catalog ranks by words.
    pub(crate) fn start(&self, catalog: &Arc<Catalog>, texts: Vec<String>) -> Option<JoinHandle<()>> {
        let (encoder, turn, catalog) =
            (Arc::clone(&self.encoder), Arc::clone(&self.turn), Arc::downgrade(catalog));
        let work = move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            // A dropped catalog is no longer searched, so its vectors are not needed.
            if let Some(catalog) = catalog.upgrade() {
                catalog.index.learn(encoder, &texts);
            }
        };
        let started = std::thread::Builder::new().name("encoder".to_owned()).spawn(work);
        if let Err(error) = &started {
            tracing::warn!(%error, "the search ranks by words alone, because no thread can be started for the encoder");
        }
        started.ok()
    }
}

#[cfg(not(feature = "encoder"))]
impl Learning {
    pub(crate) fn texts<T>(_: &[T]) -> Vec<String> {
        Vec::new()
    }

    pub(crate) fn start(&self, _: &Arc<Catalog>, _: Vec<String>) -> Option<()> {
        match *self {}
    }
}

/// Returns the similarity of each tool of the catalog to a query, or `None` if the catalog does not rank by meaning. The query is encoded
/// on a blocking thread, not on the async workers.
pub(crate) async fn similarities(catalog: &Arc<Catalog>, query: &str) -> Option<Vec<f32>> {
    if !catalog.index.ranks_by_meaning() || query.trim().is_empty() {
        return None;
    }
    let (catalog, query) = (Arc::clone(catalog), query.to_owned());
    tokio::task::spawn_blocking(move || catalog.index.similarities(&query)).await.ok().flatten()
}

#[cfg(all(test, feature = "encoder"))]
mod tests {
    use super::*;
    use crate::common::environment::Environment;
    use crate::engine::custom::CustomTool;
    use crate::engine::search::tests::encoder_folder;
    use crate::engine::surface::catalog_entry::CatalogEntry;
    use crate::reply::tool_result::ToolResult;

    #[tokio::test]
    async fn catalog_ranks_by_words_until_vectors_are_computed() {
        let folder = encoder_folder();
        let encoder = Encoder::open(folder.path(), &Environment::of::<&str, &str>([])).unwrap();
        let learning = Learning::new(Arc::new(encoder));
        let tools = ["Books!", "Member loan.", "Cafe"].map(|text| {
            CustomTool::new(format!("tool_{}", text.len()), |_| async { Ok(ToolResult::text("")) })
                .description(text)
        });
        let tools: Vec<_> = tools.iter().map(CatalogEntry::of_custom).collect();
        let texts = Learning::texts(&tools);
        let catalog = Arc::new(Catalog::new(tools));
        assert_eq!(similarities(&catalog, "member loan.").await, None);
        let turn = learning.turn.lock().unwrap();
        let started = learning.start(&catalog, texts.clone()).unwrap();
        assert!(!catalog.index.ranks_by_meaning());
        drop(turn);
        started.join().unwrap();
        let near = similarities(&catalog, "member loan.").await.unwrap();
        let hits = catalog.index.search_with(Some(&near), "member loan.", 5, |_| true);
        assert_eq!(hits.first().map(|hit| hit.document), Some(1));
        assert!(hits.iter().any(|hit| hit.reason.is_by_meaning), "{hits:?}");
        assert_eq!(similarities(&catalog, " ").await, None);
        let dropped = Arc::new(Catalog::new(Vec::new()));
        let weak = Arc::downgrade(&dropped);
        let turn = learning.turn.lock().unwrap();
        let started = learning.start(&dropped, texts).unwrap();
        drop((dropped, turn));
        started.join().unwrap();
        assert!(weak.upgrade().is_none());
    }
}
