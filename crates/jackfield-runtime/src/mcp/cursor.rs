//! Cursors of lists: `VERSION-PAGE`, so that a client does not mix the pages of two versions.

use rmcp::model::ErrorData;

/// The cursor of a page.
pub(super) fn cursor(version: u64, page: usize) -> String {
    format!("{version:x}-{page}")
}

/// The page of a cursor; the first one without a cursor.
///
/// # Errors
/// Returns an error if the list has no such page.
pub(super) fn page_of(cursor: Option<&str>, version: u64, pages: usize) -> Result<usize, ErrorData> {
    let Some(cursor) = cursor else { return Ok(0) };
    let page = cursor.split_once('-').filter(|(of, _)| *of == format!("{version:x}"));
    let page = page.and_then(|(_, page)| page.parse().ok()).filter(|page| *page < pages);
    page.ok_or_else(|| ErrorData::invalid_params("no such cursor: list again from the start", None))
}
