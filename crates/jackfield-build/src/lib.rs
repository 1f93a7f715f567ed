//! Generates connectors: reads connector.toml and the document, and writes or checks files. All front ends use it.
//!
//! Call this in `build.rs`:
//!
//! ```no_run
//! fn main() -> Result<(), jackfield_build::Error> {
//!     jackfield_build::build_script("connector.toml")
//! }
//! ```
//!
//! Include the result in the crate of a connector named `bookshop`:
//!
//! ```text
//! mod bookshop {
//!     include!(concat!(env!("OUT_DIR"), "/bookshop/mod.rs"));
//! }
//! ```

mod accepted_tools;
mod applied_choices;
mod auth;
mod bodies;
mod build_script;
mod caching;
mod comparison;
mod contents;
mod crate_folder;
mod data;
mod destinations;
mod disk;
mod document_copy;
mod document_extensions;
mod error;
mod findings;
mod jobs;
mod listed_tool;
mod loader;
mod manifest;
mod merges;
mod named_tools;
mod new_folder;
mod operation_places;
mod pipeline;
mod promoted;
mod rates;
mod references;
mod relative;
mod replies;
mod report;
mod resource_address;
mod resources;
mod rule_findings;
mod served_folder;
mod served_model;
mod show;
#[cfg(test)]
mod test_document;
mod tool_choice;
mod unmatched;
mod value_check;
mod workspace;

pub use accepted_tools::Acceptance;
pub use applied_choices::AppliedChoice;
pub use build_script::{BuildScript, build_script};
pub use comparison::compare;
pub use crate_folder::{CrateFolder, NewConnector};
pub use data::parse_data;
pub use disk::{Difference, Drift, Outcome};
pub use error::Error;
pub use findings::Group;
pub use jackfield_codegen::{
    AddedOrigin, Files, GroupRow, LOCK_FILE, Layout, LockChanges, MergeRow, OwnServer, Runtime, ToolRow,
    UnacceptedTool, Unlike, input_text, o200k, pool_texts,
};
pub use jackfield_diff as diff;
pub use jackfield_model as model;
pub use jackfield_openapi::{Document, Node, Source};
pub use jackfield_surface::{ConstantArgument, ValueCheck, is_list_operation, vocabulary};
pub use jackfield_surface::{Facts as SelectorFacts, NamedTool, Selector, Surface};
pub use listed_tool::ListedTool;
pub use manifest::{Manifest, Wording, files_of_manifest};
pub use new_folder::NewFolder;
pub use operation_places::{OperationPlaces, PlaceKey};
pub use pipeline::{GivenDocument, Job, Stage, Watcher, model_of};
pub use references::Fetch;
pub use relative::relative;
pub use replies::{JqCheck, check_jq_with};
pub use report::{Generated, Modelled, NamedConnector, Report};
pub use served_folder::ServedFolder;
pub use served_model::{ServedModel, Withheld, served_model_of};
pub use show::Shown;
pub use value_check::check_values_with;
