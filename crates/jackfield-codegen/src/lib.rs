//! Prints operation models as a Rust connector: model in, an in-memory tree of files out.
//!
//! Names are decided once ([`Surface`]), then emission is a pure function of model and names. What is generated is
//! boring on purpose: one flat row and one sync function per operation, no generics, no derives, no macros.

mod digest;
mod emit;
mod files;
mod lock;
mod names;
mod prune;
mod render;
mod scaffold;

pub use digest::Digest;
pub use emit::{accept, input_schema};
pub use files::{File, Files, Owner};
pub use names::{NamedTool, Renames, Surface, ToolGroup};
pub use prune::prune;
pub use scaffold::{Runtime, Scaffold, Surroundings};

use jackfield_model::Connector;

/// Where the generated files will lie, which decides how the index names the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In `src/generated` of a crate: `pub mod books;`
    Crate,
    /// In a folder of `OUT_DIR`, reached by `include!`.
    OutDir {
        /// The folder's name in `OUT_DIR`.
        folder: String,
    },
}

/// What the header of every generated file says of its origin.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The document's file name, without its folder.
    pub document: String,
    /// The digest of everything that was read.
    pub digest: Digest,
}

/// Prints everything the generator owns: the index, a file per group, the schema pool and the lock.
pub fn generate(connector: &Connector, surface: &Surface<'_>, origin: &Origin, layout: &Layout) -> Files {
    let mut files = Files::default();
    let folder = match layout {
        Layout::Crate => "src/generated/",
        Layout::OutDir { .. } => "",
    };
    let header = render::header(&origin.document);
    let mut add = |name: &str, tokens| {
        files.add(format!("{folder}{name}.rs"), Owner::Generator, render::render(&header, tokens));
    };
    add("mod", emit::index(connector, surface, origin, layout));
    for group in &surface.groups {
        add(group.module.as_str(), emit::group(group));
    }
    add("schemas", emit::schemas(&connector.pool.send));
    files.add("jackfield.lock".to_owned(), Owner::Generator, lock::lock(connector, surface));
    files
}
