//! The lists of resources, templates and prompts. A list is built once for all callers that see the same entries.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::{ErrorData, Prompt, Resource, ResourceTemplate};

use super::cursor::{cursor, page_of};
use super::list_pages::PAGE_BYTES;
use super::lists;
use crate::common::caller::Caller;
use crate::engine::service::Service;

/// The maximum number of cached versions. Callers with the same permissions share a version.
const MAX_VERSIONS: usize = 16;

/// The lists of one version, split into pages.
pub(super) struct ContentLists {
    version: u64,
    pub(super) resources: Vec<Vec<Resource>>,
    pub(super) templates: Vec<Vec<ResourceTemplate>>,
    pub(super) prompts: Vec<Vec<Prompt>>,
}

/// The cached lists of the versions that callers asked for last.
#[derive(Default)]
pub(super) struct ContentCache(Mutex<Vec<Arc<ContentLists>>>);

impl ContentCache {
    /// Returns the lists of a caller.
    pub(super) fn get(&self, service: &Service, caller: &Caller) -> Arc<ContentLists> {
        let version = service.contents_version(caller);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lists) = known.iter().find(|lists| lists.version == version) {
            return Arc::clone(lists);
        }
        let (templates, resources): (Vec<_>, Vec<_>) =
            service.resources(caller).into_iter().partition(|listed| listed.is_template);
        let lists = Arc::new(ContentLists {
            version,
            resources: pages(resources.into_iter().map(lists::resource_entry), |it| {
                size(serde_json::to_vec(it))
            }),
            templates: pages(templates.into_iter().map(lists::template_entry), |it| {
                size(serde_json::to_vec(it))
            }),
            prompts: pages(service.prompts(caller).into_iter().map(lists::prompt_entry), |it| {
                size(serde_json::to_vec(it))
            }),
        });
        // The caller may have received separate lists meanwhile, which must not be cached for other callers.
        if service.contents_version(caller) != version {
            return lists;
        }
        if known.len() == MAX_VERSIONS {
            known.remove(0);
        }
        known.push(Arc::clone(&lists));
        lists
    }
}

impl ContentLists {
    /// Returns the page of a list that the cursor `wanted` selects, and the cursor of the next page.
    ///
    /// # Errors
    /// Returns an error if the cursor is invalid, or belongs to another version of the list.
    pub(super) fn page<T: Clone>(
        &self,
        pages: &[Vec<T>],
        wanted: Option<&str>,
    ) -> Result<(Vec<T>, Option<String>), ErrorData> {
        let at = page_of(wanted, self.version, pages.len())?;
        let next = (at + 1 < pages.len()).then(|| cursor(self.version, at + 1));
        Ok((pages.get(at).cloned().unwrap_or_default(), next))
    }
}

/// Returns the number of bytes of a printed entry and its comma.
fn size(printed: serde_json::Result<Vec<u8>>) -> usize {
    printed.map_or(0, |text| text.len() + 1)
}

/// Splits the entries into pages that are small enough for clients. There is at least one page, which may be
/// empty.
fn pages<T>(entries: impl Iterator<Item = T>, size: impl Fn(&T) -> usize) -> Vec<Vec<T>> {
    let mut pages = vec![Vec::new()];
    let mut left = PAGE_BYTES;
    for entry in entries {
        let size = size(&entry);
        if size > left && pages.last().is_some_and(|page: &Vec<T>| !page.is_empty()) {
            pages.push(Vec::new());
            left = PAGE_BYTES;
        }
        left = left.saturating_sub(size);
        if let Some(page) = pages.last_mut() {
            page.push(entry);
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_entries_are_split_into_pages_by_size_without_loss() {
        let sizes =
            |sizes: &[usize]| pages(sizes.iter(), |size| **size).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(&[]), [0]);
        assert_eq!(sizes(&[10, 10]), [2]);
        assert_eq!(sizes(&[PAGE_BYTES, 10, PAGE_BYTES * 2, 10, 10]), [1, 1, 1, 2]);
        assert_eq!(sizes(&[400_000, 400_000, 400_000]), [2, 1]);
    }

    #[test]
    fn list_cursor_from_another_version_of_the_list_is_refused() {
        let lists = |version| ContentLists {
            version,
            resources: Vec::new(),
            templates: Vec::new(),
            prompts: Vec::new(),
        };
        let pages = [vec![1, 2], vec![3]];
        let (first, next) = lists(7).page(&pages, None).unwrap();
        assert_eq!(first, [1, 2]);
        let next = next.unwrap();
        assert_eq!(lists(7).page(&pages, Some(&next)).unwrap(), (vec![3], None));
        for (version, wanted) in [(8, next.as_str()), (7, "7-2"), (7, "x"), (7, "")] {
            assert!(lists(version).page(&pages, Some(wanted)).is_err(), "{wanted}");
        }
    }
}
