//! Parses OpenAPI documents and lowers them to the model of a connector.
//!
//! [`read`] parses bytes to a [`Document`]; [`lower`] turns the document into a [`Lowered`] model. The caller provides
//! referenced files through a [`Loader`]; this crate opens no files itself.

mod budget;
mod dialect;
mod document;
mod kind;
mod loader;
mod lower;
mod overlay;
mod resolve;
mod schema_names;
pub mod source;

pub use dialect::Dialect;
pub use document::{Document, Node};
pub use loader::{LoadError, Loaded, Loader, NoFiles};
pub use lower::{Choices, FormObjects, Lowered, MatchedKeys, candidates, declared_schemes, endpoint, lower};
pub use source::{Limits, Source};

use jackfield_model::Diagnostic;

/// Parses a document and every file to which it refers.
///
/// # Errors
/// Returns an error if the root file cannot be parsed. Problems in parts of it are findings of the document.
pub fn read(
    name: &str,
    bytes: &[u8],
    loader: &mut dyn Loader,
    limits: &Limits,
) -> Result<Document, Box<Diagnostic>> {
    Document::load(source::parse(name, bytes, limits)?, Vec::new(), loader, limits)
}

/// Parses a document like [`read`], and applies OpenAPI Overlays to its root file, in order, right after parsing.
/// Each overlay is given by its name and bytes.
///
/// # Errors
/// Returns the errors of [`read`], and an error for each overlay or action that is invalid or selects nothing.
pub fn read_overlaid(
    name: &str,
    bytes: &[u8],
    overlays: &[(String, Vec<u8>)],
    loader: &mut dyn Loader,
    limits: &Limits,
) -> Result<Document, Vec<Diagnostic>> {
    let mut parsed = source::parse(name, bytes, limits).map_err(|finding| vec![*finding])?;
    let overlays = overlay::apply(&mut parsed, overlays, limits)?;
    Document::load(parsed, overlays, loader, limits).map_err(|finding| vec![*finding])
}
