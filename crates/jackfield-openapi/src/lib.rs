//! Reads OpenAPI documents into operation models.
//!
//! Bytes become a [`Document`] by [`read`], and a [`Document`] becomes a [`Lowered`] model by [`lower`]. Files are
//! reached through a [`Loader`] that the caller implements: this crate opens nothing by itself.

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

/// Reads a document and every file it refers to.
///
/// # Errors
/// The root file cannot be understood at all. What is wrong with single parts comes with the document.
pub fn read(
    name: &str,
    bytes: &[u8],
    loader: &mut dyn Loader,
    limits: &Limits,
) -> Result<Document, Box<Diagnostic>> {
    Document::load(source::parse(name, bytes, limits)?, Vec::new(), loader, limits)
}

/// Reads a document as [`read`] does, with OpenAPI Overlays, each a name and its bytes, applied to its root file in
/// their order before anything else looks at it.
///
/// # Errors
/// As [`read`]; or overlays cannot be understood, or change nothing. All such actions are told together.
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
