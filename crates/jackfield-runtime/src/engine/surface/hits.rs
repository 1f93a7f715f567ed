//! Answers calls of `search_tools`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::catalog::Catalog;
use super::catalog_entry::{CatalogEntry, shortened};
use crate::reply::tool_result::ToolResult;

/// The maximum number of matches in the reason of a hit.
const MOST_MATCHES: usize = 3;
/// The maximum number of fields that a reason names for each match.
const MOST_FIELDS: usize = 2;
/// The maximum number of characters of a query that an answer repeats.
const LONGEST_QUERY: usize = 100;

/// Searches the allowed tools of the catalog, and formats the hits.
pub(crate) fn search(
    catalog: &Catalog,
    query: &str,
    similarities: Option<&[f32]>,
    limit: usize,
    allowed: impl Fn(&CatalogEntry) -> bool,
) -> ToolResult {
    let may = |at: usize| catalog.entries.get(at).is_some_and(&allowed);
    let hits = catalog.index.search_with(similarities, query, limit, may);
    if hits.is_empty() {
        let query = shortened(query, LONGEST_QUERY);
        let mut text =
            format!("No tool matches `{query}`. Use other words: a resource, a verb, or a part of a name.");
        let words = common_words(catalog, &allowed);
        if !words.is_empty() {
            let _ = write!(text, " The names often contain: {}.", words.join(", "));
        }
        return ToolResult::text(text);
    }
    let mut text = String::new();
    for mut hit in hits {
        let Some(entry) = catalog.entries.get(hit.document) else { continue };
        hit.reason.matches.truncate(MOST_MATCHES);
        hit.reason.matches.iter_mut().for_each(|found| found.fields.truncate(MOST_FIELDS));
        let _ = write!(text, "{} [{}]", entry.signature(), entry.effect.as_str());
        if !entry.summary.is_empty() {
            let _ = write!(text, " {}", entry.summary);
        }
        let _ = writeln!(text, " ({})", hit.reason);
    }
    ToolResult::text(text.trim_end())
}

/// Returns the words that occur in most names of the allowed tools.
fn common_words(catalog: &Catalog, allowed: impl Fn(&CatalogEntry) -> bool) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in catalog.entries.iter().filter(|entry| allowed(entry)) {
        for word in entry.shown_name.split('_').filter(|word| word.len() > 2) {
            *counts.entry(word).or_default() += 1;
        }
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
    counts.into_iter().take(12).map(|(word, _)| word.to_owned()).collect()
}
