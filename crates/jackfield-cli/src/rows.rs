//! The tables that generated code would declare, built at run time from the same data.

mod arena;
mod auth;
mod connector;
mod document_rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jackfield_build::Modelled;
use jackfield_runtime::rows::ConnectorRows;

use document_rows::DocumentRows;

/// Builds the tables of a connector. They are freed when their last handle is dropped.
pub fn connector(modelled: Modelled) -> ConnectorRows {
    Arc::new(DocumentRows::of(modelled.into_named())).into()
}
