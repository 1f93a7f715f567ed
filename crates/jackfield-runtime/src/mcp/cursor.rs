//! Pagination cursors of the form `VERSION-PAGE`. With the version, a client cannot mix the pages of two versions
//! of a list.

use rmcp::model::ErrorData;

/// Returns the cursor of a page.
pub(super) fn cursor(version: u64, page: usize) -> String {
    format!("{version:x}-{page}")
}

/// Returns the index of the page that a cursor selects. Without a cursor, it is the first page.
///
/// # Errors
/// Returns an error if the cursor is invalid, or belongs to another version of the list.
pub(super) fn page_of(cursor: Option<&str>, version: u64, pages: usize) -> Result<usize, ErrorData> {
    let Some(cursor) = cursor else { return Ok(0) };
    let page = cursor.split_once('-').filter(|(of, _)| *of == format!("{version:x}"));
    let page = page.and_then(|(_, page)| page.parse().ok()).filter(|page| *page < pages);
    page.ok_or_else(|| {
        ErrorData::invalid_params(
            "the cursor is invalid or belongs to an earlier version of the list: list again without a cursor",
            None,
        )
    })
}
