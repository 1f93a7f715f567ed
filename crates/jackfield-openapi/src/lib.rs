//! Reads OpenAPI documents into operation models.
//!
//! Bytes become a [`Document`] by [`read`], and a [`Document`] becomes a [`Lowered`] model by [`lower`]. Files are
//! reached through a [`Loader`] that the caller implements: this crate opens nothing by itself.

mod dialect;
mod document;
mod loader;
mod lower;
mod resolve;
pub mod source;

pub use dialect::Dialect;
pub use document::{Document, Node};
pub use loader::{LoadError, Loaded, Loader, NoFiles};
pub use lower::{Candidate, Choices, Lowered, lower};
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
    Document::load(name, bytes, loader, limits)
}
