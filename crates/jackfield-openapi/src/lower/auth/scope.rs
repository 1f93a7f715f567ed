//! Lists of scopes and roles.

/// Returns the strings, sorted and without duplicates.
pub(super) fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct: Vec<String> = texts.collect();
    distinct.sort();
    distinct.dedup();
    distinct
}

/// Returns the OAuth 2.0 scopes in these strings. A string that contains spaces is several scopes.
pub(super) fn scopes<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    distinct(texts.flat_map(str::split_whitespace).map(str::to_owned))
}
