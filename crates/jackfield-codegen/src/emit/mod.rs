//! Model and names -> tokens. Pure functions; `quote!` and nothing else.

mod auth;
mod connector;
mod group;
mod json;
mod operation;
mod server;

pub(crate) use connector::{index, schemas};
pub(crate) use group::{group, tools};
pub(crate) use json::print as print_json;
pub use operation::{accept, input_text};

use jackfield_model::RustIdent;
use proc_macro2::{Ident, Span};

/// The name of the constant by which generated code and runtime recognise each other.
pub(crate) const CONTRACT: &str = "contract_1_is_missing__run_jackfield_gen_to_match_this_jackfield_runtime";

pub(crate) fn ident(name: &RustIdent) -> Ident {
    Ident::new(name.as_str(), Span::call_site())
}
