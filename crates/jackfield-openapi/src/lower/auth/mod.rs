//! Schemes and requirements.

mod address;
mod check;
mod flow;
mod login;
mod prefix;
mod requirement;
mod scheme;

pub use address::endpoint;
pub(crate) use check::{check, unused};
pub(crate) use login::unite;
pub(crate) use requirement::{Security, requirements};
pub(crate) use scheme::schemes;

use jackfield_model::text::toml_text;

/// Sorted, each once.
fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut distinct: Vec<String> = texts.collect();
    distinct.sort();
    distinct.dedup();
    distinct
}

/// Scopes of OAuth 2.0, which are words: a text with spaces is several.
fn scopes<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<String> {
    distinct(texts.flat_map(str::split_whitespace).map(str::to_owned))
}

/// A key of TOML: bare where it can be.
fn toml_key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { toml_text(name) }
}
